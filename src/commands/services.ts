// What commands work with, and the shape of a command. main.ts hands the services in.
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.js';
import type { Backoff } from '../accounts/backoff.js';
import type { Bans } from '../accounts/bans.js';
import type { Throttle } from '../accounts/throttle.js';
import type { Evictions } from '../chat/eviction.js';
import type { Post } from '../chat/post.js';
import type { Rooms } from '../chat/rooms.js';
import type { GateSettings } from '../session/gates.js';
import type { Answer, Session } from '../session/session.js';
import type { Store } from '../store/store.js';
import type { CommandName } from '../wire/generated/parameters.js';
import type { Request } from '../wire/request.js';

/** Where it is written who came in, who did not, and what operators did. */
export interface AuditTrail {
  write(fields: object, event: string, read?: boolean): void;
}

export interface Services {
  readonly store: Store<Post>;
  readonly accounts: Accounts;
  readonly backoff: Backoff;
  readonly bans: Bans;
  readonly rooms: Rooms;
  readonly evictions: Evictions;
  readonly log: Logger;
  readonly audit: AuditTrail;
  readonly gates: GateSettings;
  /** Messages by session. */
  readonly messageRate: Throttle;
  readonly registrationOpen: boolean;
  readonly version: string;
  readonly maxLineBytes: number;
}

export type RequestOf<Name extends CommandName> = Extract<Request, { readonly command: Name }>;

/** Carries out one request that has passed the checks and the gates. May reject with StoreFailure, StoreAway and PasswordsBusy. */
export type Command<Name extends CommandName> = (
  session: Session,
  request: RequestOf<Name>,
  services: Services,
) => Answer | Promise<Answer>;
