// Which messages were stored under which keys (PROTOCOL.md §5.3).
import { StoreFailure, type RoomId, type UserId } from '../store.js';
import type { KnownMessage } from '../numbering.js';
import type { Database, Statement } from './database.js';
import { runColumns, runOf } from './runs.js';
import { checked, DamageError, summed } from './sums.js';

const findKeys = `SELECT asked.key AS place, ${summed('keys', 'k.')} FROM json_each(?) asked
  JOIN keys k ON k.room = asked.value ->> 0 AND k.author = asked.value ->> 1 AND k.key = asked.value ->> 2`;
const findRuns = `SELECT asked.key AS place, ${runColumns} FROM json_each(?) asked JOIN runs r ON r.room = asked.value ->> 0
  AND r.first = (SELECT max(first) FROM runs WHERE room = asked.value ->> 0 AND first <= asked.value ->> 1)`;

function asFailure(error: unknown): StoreFailure {
  if (error instanceof StoreFailure) return error;
  return new StoreFailure(`salond.db can't be read: ${error instanceof Error ? error.message : String(error)}`);
}

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

  /**
   * Those of the keys that are known, by their places in the list; for one of which that can't be read, the reason. Where the database
   * finds no answer to all of them, each is asked for by itself: what is wrong with one says nothing about the others.
   */
  async findEach(
    asked: readonly (readonly [RoomId, UserId, string])[],
  ): Promise<ReadonlyMap<number, KnownMessage | StoreFailure>> {
    try {
      return await this.find(asked);
    } catch {
      const known = new Map<number, KnownMessage | StoreFailure>();
      for (const [place, one] of asked.entries()) {
        const found = await this.find([one]).then((its) => its.get(0), asFailure);
        if (found !== undefined) known.set(place, found);
      }
      return known;
    }
  }

  /** Those of the keys that are known, by their places in the list. Rejects with DamageError. */
  async find(asked: readonly (readonly [RoomId, UserId, string])[]): Promise<ReadonlyMap<number, KnownMessage>> {
    const rows = await this.#keys.all(JSON.stringify(asked));
    const known = new Map<number, KnownMessage>();
    if (rows.length === 0) return known;
    const keys = rows.map(
      (row) =>
        ({ place: Number(row['place']), ...checked('keys', row) }) as {
          readonly place: number;
          readonly room: RoomId;
          readonly author: UserId;
          readonly id: number;
        },
    );
    for (const row of await this.#runs.all(JSON.stringify(keys.map(({ room, id }) => [room, id])))) {
      const { first, messages } = runOf(row);
      const key = keys[Number(row['place'])];
      const [author, text] = messages[(key?.id ?? 0) - first] ?? [];
      if (key !== undefined && author === key.author && text !== undefined) known.set(key.place, { id: key.id, text });
    }
    if (known.size < keys.length) throw new DamageError('a message that was stored with a key is not there');
    return known;
  }
}
