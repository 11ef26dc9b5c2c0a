// The passwords of rooms. They are hashed as users' are, in the same queue, at a cost of their own: a room's password
// is shared by many, asked for often, and guards less than an account does.
import type { HashAsker } from './hash-queue.js';
import type { Passwords, ScryptParameters } from './passwords.js';

/** A quarter of the default cost of a user's password: 16 MiB, some 40 milliseconds. */
const cost: ScryptParameters = { logN: 14, r: 8, p: 1 };

/** Makes and checks the hashes of rooms' passwords, in base64, as a room's settings have them. */
export class RoomPasswords {
  readonly #passwords: Pick<Passwords, 'hash' | 'matches'>;

  constructor(passwords: Pick<Passwords, 'hash' | 'matches'>) {
    this.#passwords = passwords;
  }

  /**
   * Makes the hash of a password; empty for an empty one, which takes the password away. Rejects with PasswordsBusy.
   */
  async hash(password: string, asker: HashAsker): Promise<string> {
    if (password === '') return '';
    return Buffer.from(await this.#passwords.hash(password, asker, cost)).toString('base64');
  }

  /** Whether the password is the one of that hash. Rejects with PasswordsBusy. */
  matches(password: string, hash: string, asker: HashAsker): Promise<boolean> {
    return this.#passwords.matches(password, Buffer.from(hash, 'base64'), asker);
  }
}
