// What the operator's commands work with, and the shape of one. main.ts hands the services in.
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.js';
import type { Bans } from '../accounts/bans.js';
import type { Evictions } from '../chat/eviction.js';
import type { Rooms } from '../chat/rooms.js';
import type { Post } from '../chat/post.js';
import type { AuditTrail } from '../commands/services.js';
import type { Output, Session, Success } from '../session/session.js';
import type { Store } from '../store/store.js';
import type { OperatorCommandName, OperatorParameters } from '../wire/generated/operator-parameters.js';
import type { OperatorResults } from '../wire/generated/operator-results.js';
import type { Refusal } from '../wire/refusal.js';
import type { ResultsOf } from '../wire/results.js';

/** What `status` answers. */
export type Status = OperatorResults['status'];

/** The daemon as a whole: what main.ts does for an operator. */
export interface DaemonControl {
  status(): Promise<Status>;
  /**
   * Takes no more connections, ends those that are there within so many seconds, and then stops. Answers how many there are, and
   * whether that went on already: then those who are left have so many seconds from now on.
   */
  drain(seconds: number): { readonly sessions: number; readonly changed: boolean };
  /** Reads the settings again. The names of those that hold now and of those that need a restart, or what is wrong. */
  reload(): { readonly applied: readonly string[]; readonly restart: readonly string[] } | { readonly problem: string };
  /** As the store's. */
  resetTime(): Promise<number>;
  /** False where there is no such level. */
  setLogLevel(level: string): boolean;
  /** A copy of all data, piece by piece; the next one is made when `piece` has fulfilled. Rejects with StoreFailure. */
  backUp(piece: (bytes: Buffer) => Promise<void>): Promise<{ readonly bytes: number; readonly sha256: string }>;
}

export interface OperatorServices {
  readonly store: Store<Post>;
  readonly accounts: Accounts;
  readonly bans: Bans;
  readonly rooms: Rooms;
  readonly evictions: Evictions;
  readonly log: Logger;
  readonly audit: AuditTrail;
  /** All that are open, in the order in which they came. */
  readonly sessions: () => Iterable<Session>;
  readonly daemon: DaemonControl;
}

/** A success of an operator's command, with the results of its spec. */
export type OperatorSuccess<Name extends OperatorCommandName> = Success & ResultsOf<OperatorResults[Name]>;

/**
 * Carries out one request. `output` is where events go that come before the answer. May reject with StoreFailure and
 * PasswordsBusy.
 */
export type OperatorCommand<Name extends OperatorCommandName> = (
  parameters: OperatorParameters[Name],
  services: OperatorServices,
  output: Output,
) => OperatorSuccess<Name> | Refusal | Promise<OperatorSuccess<Name> | Refusal>;
