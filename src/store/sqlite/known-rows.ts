// Tells whether the users, rooms and conversations are there that a row names. Remembers those that are.
import type { Database } from './database.js';

/** The most rows of a table that are remembered. Beyond it all are forgotten. */
const maxKnown = 100_000;

/** A table that other rows name by the id. */
type NamedTable = 'users' | 'rooms' | 'conversations';

/** The rows that are known to exist. Nothing may be removed from these tables meanwhile. */
export class KnownRows {
  readonly #database: Database;
  readonly #known: Readonly<Record<NamedTable, Set<number>>> = {
    users: new Set(),
    rooms: new Set(),
    conversations: new Set(),
  };

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether the table has a row with that id. Rejects with DatabaseError. */
  async has(table: NamedTable, id: number): Promise<boolean> {
    const known = this.#known[table];
    if (known.has(id)) return true;
    if ((await this.#database.all(`SELECT 1 FROM ${table} WHERE id = ?`, id)).length === 0) return false;
    if (known.size >= maxKnown) known.clear();
    known.add(id);
    return true;
  }

  /** Rejects with an error that says so where the user is not there. */
  async requireUser(id: number): Promise<void> {
    if (!(await this.has('users', id))) throw new Error(`there is no user ${id}`);
  }

  /** Rejects with an error that says so where the room is not there. */
  async requireRoom(id: number): Promise<void> {
    if (!(await this.has('rooms', id))) throw new Error(`there is no room ${id}`);
  }
}
