// What the database keeps of a user besides its row and its messages, and what becomes of it when the user is deleted.
// A part is one line. All of them run in the transaction that deletes the user, so each has to be small: its table
// bounds how many rows a user has.
import type { Database } from './database.js';
import type { Statement } from './database.js';

/** What is removed when a user is deleted, by its table. `?1` is the user's id. */
const removedRows: Readonly<Record<string, string>> = {
  seen: 'DELETE FROM seen WHERE user = ?1',
  tokens: 'DELETE FROM tokens WHERE user = ?1',
  blocks: 'DELETE FROM blocks WHERE user = ?1 OR blocked = ?1',
  direct_marks: 'DELETE FROM direct_marks WHERE user = ?1',
  // Memberships end with their read marks.
  members: 'DELETE FROM members WHERE user = ?1',
};

/** The rows of users in all tables but `users` and `runs`. */
export class UserParts {
  readonly #removals: readonly Statement[];

  private constructor(removals: readonly Statement[]) {
    this.#removals = removals;
  }

  /** Prepares the parts whose tables this schema has. @param writer the connection that writes */
  static async prepare(writer: Database): Promise<UserParts> {
    const there = new Set((await writer.all('SELECT name FROM sqlite_schema')).map(({ name }) => name));
    const removals: Statement[] = [];
    for (const [table, sql] of Object.entries(removedRows))
      if (there.has(table)) removals.push(await writer.prepare(sql));
    return new UserParts(removals);
  }

  /** Removes all rows of a user. Within a commit. */
  async remove(user: number): Promise<void> {
    for (const removal of this.#removals) await removal.run(user);
  }
}
