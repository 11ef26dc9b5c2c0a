// What the database keeps of a user besides its row and its messages, and what becomes of it when the user is deleted.
// A part is one line. All of them run in the transaction that deletes the user, so each has to be small: its table
// bounds how many rows a user has.
import type { Database, Statement } from './database.js';
import { prepareAll } from './prepared.js';

/** What is removed when a user is deleted, by its table. `?1` is the user's id. */
const removedRows = {
  seen: 'DELETE FROM seen WHERE user = ?1',
  tokens: 'DELETE FROM tokens WHERE user = ?1',
  blocks: 'DELETE FROM blocks WHERE user = ?1 OR blocked = ?1',
  direct_marks: 'DELETE FROM direct_marks WHERE user = ?1',
  // Memberships end with their read marks.
  members: 'DELETE FROM members WHERE user = ?1',
} as const;

/** The rows of users in all tables but `users` and `runs`. */
export class UserParts {
  readonly #removals: readonly Statement[];

  private constructor(removals: readonly Statement[]) {
    this.#removals = removals;
  }

  /** @param writer the connection that writes. On a full disk it is not open yet, so nothing is asked of it here. */
  static async prepare(writer: Database): Promise<UserParts> {
    return new UserParts(Object.values(await prepareAll(writer, removedRows)));
  }

  /** Removes all rows of a user. Within a commit. */
  async remove(user: number): Promise<void> {
    for (const removal of this.#removals) await removal.run(user);
  }
}
