// What clients' commands work with, and the type of a command. The daemon hands the services in (daemon/assemble.ts).
import type { Accounts } from '../accounts/accounts.js';
import type { Backoff } from '../accounts/backoff.js';
import type { Bans } from '../accounts/bans.js';
import type { Evictions } from '../chat/eviction.js';
import type { Post } from '../chat/post.js';
import type { Presence } from '../chat/presence.js';
import type { Member } from '../chat/room.js';
import type { Rooms } from '../chat/rooms.js';
import type { AuditTrail } from '../session/audit-trail.js';
import type { DispatcherServices, Handler } from '../session/dispatcher.js';
import type { Session } from '../session/session.js';
import type { Store } from '../store/store.js';
import type { CommandName, JoinedCommandName } from '../wire/generated/parameters.js';
import type { Request } from '../wire/request.js';

/** What the commands of clients work with. */
export interface Services extends DispatcherServices {
  readonly store: Store<Post>;
  readonly accounts: Accounts;
  readonly backoff: Backoff;
  readonly bans: Bans;
  readonly presence: Presence<Session>;
  readonly rooms: Rooms;
  readonly evictions: Evictions;
  readonly audit: AuditTrail;
  readonly version: string;
  /** Bytes of the longest line that is taken. */
  readonly maxLineBytes: number;
}

/** The request of the command of that name. */
export type RequestOf<Name extends CommandName> = Extract<Request, { readonly command: Name }>;

/**
 * Carries out one request that has passed the checks and the gates. A command whose spec says `"room": "joined"` gets
 * the session's Member in that room. May reject with what session/failure.ts knows.
 */
export type Command<Name extends CommandName> = Handler<
  Session,
  RequestOf<Name>,
  Services,
  Name extends JoinedCommandName ? Member : undefined
>;
