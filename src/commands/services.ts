// The services that clients' commands use, and the type of a command. daemon/assemble.ts hands the services in.
import type { Accounts } from '../accounts/accounts.js';
import type { Backoff } from '../accounts/backoff.js';
import type { Bans } from '../accounts/bans.js';
import type { Throttle } from '../accounts/throttle.js';
import type { Tokens } from '../accounts/tokens.js';
import type { RoomPasswords } from '../accounts/room-passwords.js';
import type { Memberships } from '../chat/membership.js';
import type { SeenUsers } from '../accounts/last-seen.js';
import type { Evictions } from '../chat/eviction.js';
import type { Post } from '../chat/post.js';
import type { Presence } from '../chat/presence.js';
import type { PrivateConversations } from '../chat/private-conversations.js';
import type { Member } from '../chat/member.js';
import type { Rooms } from '../chat/rooms.js';
import type { AuditTrail } from '../session/audit-trail.js';
import type { Success } from '../session/answer.js';
import type { DispatcherServices, Handler } from '../session/dispatcher.js';
import type { Limits } from '../session/limits.js';
import type { Deletions } from '../session/deletions.js';
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import type { Store } from '../store/store.js';
import type { Payer } from '../turns/payer.js';
import type { CommandName, JoinedCommandName, TargetCommandName } from '../wire/generated/parameters.js';
import type { CommandResults } from '../wire/generated/results.js';
import type { Refusal } from '../wire/refusal.js';
import type { Request } from '../wire/request.js';
import type { ResultsOf } from '../wire/results.js';

/** Lets the sessions that read the store take turns (net/read-turns.ts). */
export interface ReadTurns {
  /** How many reads wait for their turn. */
  readonly waiting: number;
  /**
   * Runs `read` when it is the session's turn. Settles as it does. Others wait meanwhile, so it must do nothing but
   * read: an inner `run` could wait for ever.
   */
  run<Result>(payer: Payer, read: () => Promise<Result>): Promise<Result>;
  /** As `run`, for a read of a row or two that the store gathers with others. */
  runSmall<Result>(payer: Payer, read: () => Promise<Result>): Promise<Result>;
  /**
   * Runs `part`, which reads messages and shows them, when it is the session's turn, with the most bytes that it may
   * read.
   */
  readAhead<Result>(payer: Payer, part: (maxBytes: number) => Promise<Result>): Promise<Result>;
  /** Waits until the session's client has taken what it was sent, as `taken` says. */
  shown(payer: Payer, taken: Promise<void>): Promise<void>;
  /** As `shown`, for the last part of a page, which nobody waits for: `drained` is asked in the next turn. */
  lastShown(payer: Payer, drained: () => Promise<void>): void;
}

/** The services that clients' commands use. */
export interface Services extends DispatcherServices {
  readonly store: Store<Post>;
  readonly reads: ReadTurns;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly roomPasswords: RoomPasswords;
  readonly backoff: Backoff;
  readonly bans: Bans;
  readonly lastSeen: SeenUsers;
  readonly deletions: Deletions;
  readonly presence: Presence<Session>;
  readonly rooms: Rooms;
  readonly conversations: PrivateConversations;
  readonly memberships: Memberships;
  readonly evictions: Evictions;
  readonly limits: Limits;
  /** The lines that may be refused at no cost: of a user's id, or of an address's guests. */
  readonly refusals: Throttle;
  readonly audit: AuditTrail;
  /** Whether a user is made by an invitation only. */
  readonly registrationInvited: boolean;
  readonly version: string;
  /** The longest request line that is accepted, in bytes. */
  readonly maxLineBytes: number;
}

/** The request of the command of that name. */
export type RequestOf<Name extends CommandName> = Extract<Request, { readonly command: Name }>;

/**
 * The answer of a command: its results, or a refusal. `on commit`: the reply comes with the batch (chat/delivery.ts).
 */
export type AnswerOf<Name extends CommandName> = SuccessOf<Name> | Refusal | 'on commit';

/** A success of a command, with the results of its spec. */
export type SuccessOf<Name extends CommandName> = Success & ResultsOf<CommandResults[Name]>;

/**
 * Carries out one request that has passed the checks and the gates. A command whose spec says `"room": "joined"` gets
 * the session's Member in that room, and one whose spec has a `target` gets that user. May throw or reject:
 * session/failure.ts answers the request then.
 */
export type Command<Name extends CommandName> = Handler<
  Session,
  RequestOf<Name>,
  Services,
  Name extends JoinedCommandName ? Member : undefined,
  AnswerOf<Name>,
  Name extends TargetCommandName ? UserRecord : undefined
>;
