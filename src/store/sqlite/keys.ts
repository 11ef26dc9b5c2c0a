// Finds the messages that were stored with keys (PROTOCOL.md §5.3).
import { DamageError } from '../damage.js';
import { placeIn } from '../../text/sorted.js';
import { damaged } from './damaged.js';
import type { KeyedMessage, LogId, UserId } from '../log.js';
import type { StoreFailure } from '../store.js';
import type { Database, Row, Statement } from './database.js';
import { readEach } from './reading.js';
import { runsInSteps } from './run-steps.js';
import { runColumns, type Run } from './runs.js';
import { checked, summed, sumOf } from './sums.js';

const findKeys = `SELECT asked.key AS place, ${summed('keys', 'k.')} FROM json_each(?) asked
  JOIN keys k ON k.room = asked.value ->> 0 AND k.author = asked.value ->> 1 AND k.key = asked.value ->> 2`;
// Each run once, however many of its messages are asked for.
const findRuns = `SELECT ${runColumns} FROM runs r WHERE (r.room, r.first) IN (SELECT asked.value ->> 0,
    (SELECT max(first) FROM runs WHERE room = asked.value ->> 0 AND first <= asked.value ->> 1)
    FROM json_each(?) asked)`;

/** SQL: inserts the keys that `keyRow` describes, which stand in a JSON array. */
export const insertKeys = `INSERT INTO keys (${summed('keys')})
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM jsonb_each(?)`;

/** A key to look for. */
export type AskedKey = readonly [log: LogId, author: UserId, key: string];

/** Makes a row for `insertKeys`, as JSON. */
export function keyRow(log: LogId, author: UserId, key: string, id: number): string {
  return JSON.stringify([log, author, key, id, sumOf([log, author, key, id])]);
}

/** Finds messages by their keys. */
export class Keys {
  readonly #keys: Statement;
  readonly #runs: Statement;

  private constructor(keys: Statement, runs: Statement) {
    this.#keys = keys;
    this.#runs = runs;
  }

  static async prepare(database: Database): Promise<Keys> {
    return new Keys(await database.prepare(findKeys), await database.prepare(findRuns));
  }

  /** As `find`. Where a key can't be read, answers the reason in its place. */
  findEach(asked: readonly AskedKey[]): Promise<ReadonlyMap<number, KeyedMessage | StoreFailure>> {
    return readEach(asked, (some) => this.find(some));
  }

  /** Finds the messages of the keys that are known, by the keys' places in the list. Rejects with DamageError. */
  async find(asked: readonly AskedKey[]): Promise<ReadonlyMap<number, KeyedMessage>> {
    // A key and its message are read in two steps, and may be trimmed between them.
    return this.#find(asked).catch((error: unknown) => {
      if (error instanceof DamageError) return this.#find(asked);
      throw error;
    });
  }

  async #find(asked: readonly AskedKey[]): Promise<ReadonlyMap<number, KeyedMessage>> {
    const rows = await this.#keys.all(JSON.stringify(asked));
    if (rows.length === 0) return new Map();
    const messages = await this.messagesOf(rows.map((row) => keyOf(checked('keys', row))));
    return new Map(messages.map((message, place) => [Number(rows[place]?.['place']), message]));
  }

  /** Reads the messages with these ids and authors. Rejects with DamageError where one is not there. */
  async messagesOf(keys: readonly Key[]): Promise<readonly KeyedMessage[]> {
    const rows = await this.#runs.all(JSON.stringify(keys.map(({ log, id }) => [log, id])));
    const runs = [...(await runsInSteps(rows))].sort((one, other) => one.room - other.room || one.first - other.first);
    return keys.map((key) => {
      const message = messageIn(runs[placeIn(runs, (run) => orderOf(run, key))], key);
      if (message === undefined) throw damaged('a message that was stored with a key is not there');
      return message;
    });
  }
}

/** The message that a key was stored with. */
export interface Key {
  readonly log: LogId;
  readonly author: UserId;
  readonly id: number;
}

/** Negative where all messages of the run stand before that of the key, in the order of logs and ids. */
function orderOf({ room, first, count }: Run, { log, id }: Key): number {
  return room - log || first + count - 1 - id;
}

/** The message of a key, where it is by the key's author. */
function messageIn(run: Run | undefined, { log, author, id }: Key): KeyedMessage | undefined {
  if (run?.room !== log) return undefined;
  const { first, bytes, columns } = run;
  const at = id - first;
  if (columns.authors[at] !== author) return undefined;
  const text = bytes.toString('utf8', columns.begins[at] ?? 0, columns.ends[at] ?? 0);
  return { id, text, kind: columns.kinds[at] ?? 'text', about: columns.about[at] ?? 0 };
}

/** Reads a row of keys. */
export function keyOf({ room, author, id }: Row): Key {
  return { log: Number(room), author: Number(author), id: Number(id) };
}
