// The services that operators' commands use, and the type of a command. daemon/assemble.ts hands the services in.
import type { Accounts } from '../accounts/accounts.js';
import type { SeenUsers } from '../accounts/last-seen.js';
import type { Bans } from '../accounts/bans.js';
import type { Tokens } from '../accounts/tokens.js';
import type { RoomPasswords } from '../accounts/room-passwords.js';
import type { Memberships } from '../chat/membership.js';
import type { Evictions } from '../chat/eviction.js';
import type { Rooms } from '../chat/rooms.js';
import type { Post } from '../chat/post.js';
import type { Presence } from '../chat/presence.js';
import type { Success } from '../session/answer.js';
import type { DispatcherServices } from '../session/dispatcher.js';
import type { Deletions } from '../session/deletions.js';
import type { Session } from '../session/session.js';
import type { Store, TakeTurn } from '../store/store.js';
import type { OperatorCommandName, OperatorParameters } from '../wire/generated/operator-parameters.js';
import type { OperatorResults } from '../wire/generated/operator-results.js';
import type { Refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';
import type { ResultsOf } from '../wire/results.js';
import type { OperatorSession } from './operator-session.js';

/** The results of `status`. */
export type Status = OperatorResults['status'];

/** What an operator can ask of the daemon itself (daemon/daemon.ts). */
export interface DaemonControl {
  status(): Promise<Status>;
  /**
   * Takes no more connections, ends all sessions within that many seconds from now, and then stops. Answers how many
   * connections there are, and whether a drain was under way already, whose time this one changes.
   */
  drain(seconds: number): { readonly sessions: number; readonly changed: boolean };
  /**
   * Reads the settings again. Answers the names of changed settings, in force now or after a restart, or what is
   * wrong.
   */
  reload():
    | { readonly applied: readonly string[]; readonly restart: readonly string[]; readonly warnings: readonly string[] }
    | { readonly problem: string };
  /** As the store's `resetTime`. */
  resetTime(): Promise<number>;
  /** Sets the log's level. False where there is no such level. */
  setLogLevel(level: string): boolean;
  /**
   * Copies all data and hands it over in pieces, the next one when `piece` has fulfilled. Rejects with StoreFailure.
   */
  backUp(piece: (bytes: Buffer) => Promise<void>): Promise<{ readonly bytes: number; readonly sha256: string }>;
}

/** The services that operators' commands use. */
export interface OperatorServices extends DispatcherServices {
  readonly store: Store<Post>;
  /** Reads at the operators' turn, which comes before those of clients. */
  readonly inTurn: TakeTurn;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly roomPasswords: RoomPasswords;
  readonly bans: Bans;
  readonly lastSeen: SeenUsers;
  readonly deletions: Deletions;
  readonly presence: Presence<Session>;
  readonly rooms: Rooms;
  readonly evictions: Evictions;
  readonly memberships: Memberships;
  readonly daemon: DaemonControl;
}

/** The request of the operator's command of that name. */
export interface OperatorRequest<Name extends OperatorCommandName> extends AnyRequest {
  readonly command: Name;
  readonly parameters: OperatorParameters[Name];
}

/** A success of an operator's command, with the results of its spec. */
export type OperatorSuccess<Name extends OperatorCommandName> = Success & ResultsOf<OperatorResults[Name]>;

/**
 * Carries out one request of an operator. Events that come before the answer go to the session's output. May throw or
 * reject: session/failure.ts answers the request then.
 */
export type OperatorCommand<Name extends OperatorCommandName> = (
  operator: OperatorSession,
  request: OperatorRequest<Name>,
  services: OperatorServices,
) => OperatorSuccess<Name> | Refusal | Promise<OperatorSuccess<Name> | Refusal>;
