// Finds rows that refer to what is not there: messages without an author or a room, keys without a message.
import { StoreFailure } from '../store.js';
import type { Database } from './database.js';
import { keyOf, Keys } from './keys.js';
import { olderLostKeys } from './older.js';
import { readEach } from './reading.js';
import { rowsOf } from './sums.js';

const gaps = `SELECT DISTINCT room FROM (SELECT room, first, lag(last, 1, 0) OVER (PARTITION BY room ORDER BY first) AS before FROM runs)
  WHERE first <> before + 1`;
// What was not erased yet when the process ended does not count.
const gapsAfterErased = `SELECT DISTINCT room FROM (SELECT runs.room AS room, first,
    lag(last, 1, rooms.erased) OVER (PARTITION BY runs.room ORDER BY first) AS before
    FROM runs JOIN rooms ON rooms.id = runs.room WHERE first > rooms.erased)
  WHERE first <> before + 1`;
const homeless = 'SELECT DISTINCT room FROM runs WHERE room NOT IN (SELECT id FROM rooms)';
const lostRoles =
  'SELECT DISTINCT room FROM roles WHERE room NOT IN (SELECT id FROM rooms) OR user NOT IN (SELECT id FROM users)';

function unseen(kind: string, table: string): string {
  return `SELECT id AS room FROM ${table} WHERE id NOT IN (SELECT id FROM skeletons WHERE kind = '${kind}')`;
}

/** The most authors that are known to exist. Beyond it the set is emptied. */
const maxAuthors = 100_000;

/** Finds messages whose authors are not in the database. */
export class Strangers {
  readonly #database: Database;
  readonly #known = new Set<number>();
  readonly #rooms = new Set<number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The numbers of the rooms with such messages. */
  get rooms(): readonly number[] {
    return [...this.#rooms];
  }

  /** Looks at the authors of some runs, each with the number of its room. Rejects with DatabaseError. */
  async look(runs: readonly (readonly [room: number, authors: readonly number[] | string])[]): Promise<void> {
    const asked = new Set(runs.flatMap(([, authors]) => (typeof authors === 'string' ? [] : authors)));
    for (const author of asked) if (this.#known.has(author)) asked.delete(author);
    if (asked.size > 0) {
      if (this.#known.size > maxAuthors) this.#known.clear();
      const sql = 'SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT id FROM users)';
      const strangers = new Set(
        (await this.#database.all(sql, JSON.stringify([...asked]))).map(({ id }) => Number(id)),
      );
      for (const author of asked) if (!strangers.has(author)) this.#known.add(author);
      for (const [room, authors] of runs)
        if (typeof authors !== 'string' && authors.some((author) => strangers.has(author))) this.#rooms.add(room);
    }
  }
}

/** What the search knows of the database. */
interface Looking {
  /** Whether its runs are of JSON. */
  readonly isOlder: boolean;
  readonly hasSkeletons: boolean;
  /** Whether messages may have been erased. */
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
  { isOlder, hasSkeletons, hasErased, most }: Looking,
): Promise<readonly string[]> {
  const asked = async (sql: string): Promise<readonly number[]> =>
    (await database.all(`${sql} LIMIT ${most}`)).map(({ room }) => Number(room));
  const found = {
    'messages are missing in the room with the number': await asked(hasErased ? gapsAfterErased : gaps),
    'messages are in a room that is not there, the number': await asked(homeless),
    'messages are by nobody in the room with the number': strangers.rooms.slice(0, most),
    'keys are of no message in the room with the number': isOlder
      ? await asked(olderLostKeys)
      : (await roomsWithLostKeys(database)).slice(0, most),
    'a role is of nobody, or in a room that is not there, the number': await asked(lostRoles),
    'what the name looks like is missing of the user with the number': hasSkeletons
      ? await asked(unseen('user', 'users'))
      : [],
    'what the name looks like is missing of the room with the number': hasSkeletons
      ? await asked(unseen('room', 'rooms'))
      : [],
  };
  return Object.entries(found).flatMap(([what, rooms]) => rooms.map((room) => `${what} ${room}`));
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
