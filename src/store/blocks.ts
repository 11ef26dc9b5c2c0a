// Who blocks whom: what the store promises about it. A user who is blocked can't write to the other one directly.
import type { Payer } from '../turns/payer.js';
import type { UserId } from './log.js';

/** The outcome of a change. `known`: it was so already. `full`: the user blocks as many as it may. */
export type Blocked = 'changed' | 'known' | 'full';

/**
 * Who blocks whom. Every promise rejects with StoreFailure where nothing was done (code 2), and with StoreAway where
 * the store can't be reached (code 16). A change rejects with StoreBusy where too many wait (code 16).
 */
export interface Blocks {
  /** Whether `user` blocks `other`. */
  has(user: UserId, other: UserId): Promise<boolean>;
  /** Has `user` block `other`. @param most the most users that it may block, deleted ones not counted */
  add(user: UserId, other: UserId, most: number, payer?: Payer): Promise<Blocked>;
  /** Has `user` block `other` no longer. */
  remove(user: UserId, other: UserId, payer?: Payer): Promise<Exclude<Blocked, 'full'>>;
  /** The names of those whom the user blocks, without deleted users, in the order of their keys; `limit` at most. */
  list(user: UserId, limit: number): Promise<readonly string[]>;
}
