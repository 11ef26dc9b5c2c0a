// All that is stored about one user, for whoever has a right to a copy of it.
import type { UserId } from './log.js';

/** Reads what is stored about users. */
export interface PersonalData {
  /**
   * All that is stored about the user, as lines of JSON, each with its LF: its own record, what it has and what it
   * wrote, and what others wrote to it privately, but no password hash and no key of a token. Each step reads a part
   * of at most a few MiB, which may have no lines. What is stored after the first step may be missing. Rejects with
   * StoreFailure.
   */
  of(user: UserId): AsyncGenerator<readonly string[], void, undefined>;
}
