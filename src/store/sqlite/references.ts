// Finds rows that refer to what is not there, or to what they can't be about: messages without an author or a room,
// keys and edits without a message, edits of others' messages.
import { isConversation } from '../conversations.js';
import { StoreFailure } from '../store.js';
import type { Database } from './database.js';
import { EditTargets } from './edits.js';
import { keyOf, Keys } from './keys.js';
import { olderLostKeys } from './older.js';
import { readEach } from './reading.js';
import { rowsOf } from './sums.js';

const gaps = `SELECT DISTINCT room FROM (SELECT room, first, lag(last, 1, 0) OVER (PARTITION BY room ORDER BY first) AS before FROM runs)
  WHERE first <> before + 1`;
// What was not erased yet when the process ended does not count.
const gapsAfterErased = `SELECT DISTINCT room FROM (SELECT runs.room AS room, first,
    lag(last, 1, ifnull(rooms.erased, 0)) OVER (PARTITION BY runs.room ORDER BY first) AS before
    FROM runs LEFT JOIN rooms ON rooms.id = runs.room WHERE first > ifnull(rooms.erased, 0))
  WHERE first <> before + 1`;
const homeless = 'SELECT DISTINCT room FROM runs WHERE room NOT IN (SELECT id FROM rooms)';
const orHomeless = `${homeless} AND room NOT IN (SELECT id FROM conversations)`;
const lostRoles =
  'SELECT DISTINCT room FROM roles WHERE room NOT IN (SELECT id FROM rooms) OR user NOT IN (SELECT id FROM users)';
const lostTokens = 'SELECT DISTINCT user AS room FROM tokens WHERE user NOT IN (SELECT id FROM users)';

/** What may be wrong with private conversations, and the numbers of those with which it is. */
const conversationQueries = {
  'a user is not there of the conversation with the number': `SELECT id AS room FROM conversations
    WHERE one NOT IN (SELECT id FROM users) OR other NOT IN (SELECT id FROM users) OR one > other`,
  'the time of the newest message is wrong of the conversation with the number': `SELECT id AS room
    FROM conversations c WHERE newest <> (SELECT time FROM runs WHERE room = c.id ORDER BY first DESC LIMIT 1)`,
  'somebody else has read the conversation with the number': `SELECT conversation AS room FROM direct_marks m
    WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE id = m.conversation AND m.user IN (one, other))`,
  'somebody who is not there blocks, or is blocked by, the user with the number': `SELECT user AS room FROM blocks
    WHERE user NOT IN (SELECT id FROM users) OR blocked NOT IN (SELECT id FROM users)`,
} as const;

const lostMembers = `SELECT DISTINCT room FROM members WHERE room NOT IN (SELECT id FROM rooms)
  OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = members.user AND users.key = members.key)`;
const lostBans =
  'SELECT DISTINCT room FROM room_bans WHERE room NOT IN (SELECT id FROM rooms) OR user NOT IN (SELECT id FROM users)';

function unseen(kind: string, table: string): string {
  return `SELECT id AS room FROM ${table} WHERE name <> '' AND id NOT IN (SELECT id FROM skeletons WHERE kind = '${kind}')`;
}

const lostTraces = `SELECT user AS room FROM (SELECT user FROM seen UNION SELECT user FROM erasures)
  WHERE user NOT IN (SELECT id FROM users)`;

/** The most authors that are known to exist. Beyond it the set is emptied. */
const maxAuthors = 100_000;

/** Finds messages whose authors are not in the database. */
export class Strangers {
  readonly #database: Database;
  readonly #known = new Set<number>();
  readonly #rooms = new Set<number>();
  /** Conversations with messages of others than their two users. */
  readonly #intruded = new Set<number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The numbers of the rooms with such messages. */
  get rooms(): readonly number[] {
    return [...this.#rooms];
  }

  /** The numbers of the conversations in which somebody else wrote. */
  get conversations(): readonly number[] {
    return [...this.#intruded];
  }

  /** Looks at the authors of some runs, each with the number of its room. Rejects with DatabaseError. */
  async look(runs: readonly (readonly [room: number, authors: readonly number[]])[]): Promise<void> {
    const asked = new Set(runs.flatMap(([, authors]) => authors));
    for (const author of asked) if (this.#known.has(author)) asked.delete(author);
    if (asked.size > 0) {
      if (this.#known.size > maxAuthors) this.#known.clear();
      const sql = 'SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT id FROM users)';
      const strangers = new Set(
        (await this.#database.all(sql, JSON.stringify([...asked]))).map(({ id }) => Number(id)),
      );
      for (const author of asked) if (!strangers.has(author)) this.#known.add(author);
      for (const [room, authors] of runs) if (authors.some((author) => strangers.has(author))) this.#rooms.add(room);
    }
    await this.#lookAtPairs(runs.filter(([room]) => isConversation(room)));
  }

  async #lookAtPairs(runs: Parameters<Strangers['look']>[0]): Promise<void> {
    if (runs.length === 0) return;
    const sql = 'SELECT id, one, other FROM conversations WHERE id IN (SELECT value FROM json_each(?))';
    const rows = await this.#database.all(sql, JSON.stringify([...new Set(runs.map(([room]) => room))]));
    const pairs = new Map(rows.map(({ id, one, other }) => [Number(id), [Number(one), Number(other)]]));
    for (const [room, authors] of runs) {
      const pair = pairs.get(room);
      if (pair !== undefined && authors.some((author) => !pair.includes(author))) this.#intruded.add(room);
    }
  }
}

/** An edit that was not deleted, as a run has it. */
export type EditInRun = readonly [room: number, about: number, id: number, author: number];

/**
 * Compares the edits in the runs with their table: each has a row there, and the table has no others. Each is of a
 * message of its own author that is no edit (PROTOCOL.md §4.6).
 */
export class EditsInRuns {
  readonly #database: Database;
  readonly #rooms = new Set<number>();
  readonly #foreign = new Set<number>();
  #targets: EditTargets | undefined;
  #count = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The numbers of the rooms with an edit of another author's message, or of an edit. */
  get foreign(): readonly number[] {
    return [...this.#foreign];
  }

  /** Looks whether edits have their rows, and at what they are about. Rejects with DatabaseError. */
  async look(edits: readonly EditInRun[]): Promise<void> {
    if (edits.length === 0) return;
    this.#targets ??= await EditTargets.prepare(this.#database);
    // One that was trimmed is not there any more, and one that is damaged is found by itself.
    for (const [place, target] of await this.#targets.findEach(edits.map(([room, about]) => [room, about]))) {
      const [room = 0, , , author] = edits[place] ?? [];
      if (!(target instanceof StoreFailure) && (target.author !== author || target.kind === 'edit'))
        this.#foreign.add(room);
    }
    this.#count += edits.length;
    const sql = `SELECT DISTINCT value ->> 0 AS room FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM edits
      WHERE room = value ->> 0 AND about = value ->> 1 AND id = value ->> 2)`;
    for (const { room } of await this.#database.all(sql, JSON.stringify(edits))) this.#rooms.add(Number(room));
  }

  /** The numbers of the rooms in which edits and rows are not the same; 0 for those of rows that no edit has. */
  async differences(): Promise<readonly number[]> {
    const [row] = await this.#database.all('SELECT count(*) AS count FROM edits');
    const isMore = this.#rooms.size === 0 && Number(row?.['count']) !== this.#count;
    return isMore ? [0] : [...this.#rooms];
  }
}

/** What the search knows of the database. */
interface Looking {
  /** Has looked at all runs; undefined where the database has no table of edits. */
  readonly edits: EditsInRuns | undefined;
  /** Whether its runs are of JSON. */
  readonly isOlder: boolean;
  readonly hasSkeletons: boolean;
  readonly hasConversations: boolean;
  readonly hasTokens: boolean;
  readonly hasMembers: boolean;
  /** Whether messages may have been erased, and users banned from rooms. */
  readonly hasErased: boolean;
  /** The most findings of each kind. */
  readonly most: number;
}

/**
 * Rows that refer to what is not there, a sentence each.
 * @param strangers has looked at all runs
 */
export async function danglingReferences(
  database: Database,
  strangers: Strangers,
  { edits, isOlder, hasSkeletons, hasConversations, hasTokens, hasMembers, hasErased, most }: Looking,
): Promise<readonly string[]> {
  const asked = async (sql: string): Promise<readonly number[]> =>
    (await database.all(`${sql} LIMIT ${most}`)).map(({ room }) => Number(room));
  const found = {
    'messages are missing in the room with the number': await asked(hasErased ? gapsAfterErased : gaps),
    'messages are in a room that is not there, the number': await asked(hasConversations ? orHomeless : homeless),
    'messages are by somebody else in the conversation with the number': strangers.conversations.slice(0, most),
    'messages are by nobody in the room with the number': strangers.rooms.slice(0, most),
    'keys are of no message in the room with the number': isOlder
      ? await asked(olderLostKeys)
      : (await roomsWithLostKeys(database)).slice(0, most),
    'edits are not as their table says in the room with the number':
      edits === undefined ? [] : (await edits.differences()).slice(0, most),
    "an edit is of somebody else's message, or of an edit, in the room with the number":
      edits === undefined ? [] : edits.foreign.slice(0, most),
    'a role is of nobody, or in a room that is not there, the number': await asked(lostRoles),
    'a token is of nobody, the user with the number': hasTokens ? await asked(lostTokens) : [],
    'a time when somebody was seen, or an erasure, is of nobody, the user with the number': hasErased
      ? await asked(lostTraces)
      : [],
    'a membership is of nobody, or in a room that is not there, the number': hasMembers ? await asked(lostMembers) : [],
    'a ban is of nobody, or from a room that is not there, the number': hasErased ? await asked(lostBans) : [],
    'what the name looks like is missing of the user with the number': hasSkeletons
      ? await asked(unseen('user', 'users'))
      : [],
    'what the name looks like is missing of the room with the number': hasSkeletons
      ? await asked(unseen('room', 'rooms'))
      : [],
    ...(hasConversations ? await askedOf(conversationQueries, asked) : {}),
  };
  return Object.entries(found).flatMap(([what, rooms]) => rooms.map((room) => `${what} ${room}`));
}

async function askedOf(
  queries: Readonly<Record<string, string>>,
  ask: (sql: string) => Promise<readonly number[]>,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const found: Record<string, readonly number[]> = {};
  for (const [what, sql] of Object.entries(queries)) found[what] = await ask(sql);
  return found;
}

async function roomsWithLostKeys(database: Database): Promise<readonly number[]> {
  const rooms = new Set<number>();
  const keys = await Keys.prepare(database);
  for await (const rows of rowsOf(database, 'keys')) {
    const found = await readEach(rows.map(keyOf), async (some) => new Map((await keys.messagesOf(some)).entries()));
    for (const [place, message] of found) if (message instanceof StoreFailure) rooms.add(Number(rows[place]?.['room']));
  }
  return [...rooms];
}
