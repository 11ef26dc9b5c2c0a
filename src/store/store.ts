// A store: the message log, the directory and the tokens over one set of data, and the errors of all. Adapters stand
// beside this file: memory/ for tests, sqlite/ for one machine.
import type { Blocks } from './blocks.js';
import type { Conversations } from './conversations.js';
import type { Directory } from './directory.js';
import type { InvitationStore } from './invitations.js';
import type { Erasures } from './erasures.js';
import type { LastSeen } from './last-seen.js';
import type { Feed } from './feed.js';
import type { MessageLog, NewMessage } from './log.js';
import type { PersonalData } from './personal-data.js';
import type { MembershipStore } from './membership.js';
import type { Search } from './search.js';
import type { TokenStore } from './tokens.js';

/** Everything that salond stores. The file of each part says what it promises. */
export interface Store<Post extends NewMessage = NewMessage> {
  readonly log: MessageLog<Post>;
  readonly directory: Directory;
  readonly tokens: TokenStore;
  readonly memberships: MembershipStore;
  readonly invitations: InvitationStore;
  readonly conversations: Conversations;
  readonly blocks: Blocks;
  readonly lastSeen: LastSeen;
  readonly erasures: Erasures;
  readonly search: Search;
  /** All of it in one order, where the store has that. */
  readonly feed?: Feed;
  /** What is stored about one user, where the store has that. */
  readonly personal?: PersonalData;
  /**
   * Commits what was taken, tells the listener of it, and closes the store. Nothing may be called afterwards. While the
   * store is away this waits.
   */
  close(): Promise<void>;
}

/**
 * Runs a read of the store when it is the turn of whoever pays for it (net/read-turns.ts). Others wait meanwhile: the
 * read must wait for nothing but the store, neither for a commit nor for another turn.
 */
export type TakeTurn = <Result>(read: () => Promise<Result>) => Promise<Result>;

/** Reads at once: the daemon's own reads wait for nobody's turn. */
export const atOnce: TakeTurn = (read) => read();

/** The store could not do what was asked, and changed nothing: the disk is full, for example. Answered with code 2. */
export class StoreFailure extends Error {}

/** A search took too long, because all of its words are in a lot of messages and in none together. */
export class SearchTooLong extends StoreFailure {}

/** Too many changes wait to be stored, and nothing was changed. Answered with code 16. */
export class StoreBusy extends Error {
  /** @param retryAfter milliseconds after which there should be room */
  constructor(readonly retryAfter: number) {
    super('too many changes wait for the disk');
  }
}

/** The store can't be reached, and changed nothing. Answered with code 16: the client may try again. */
export class StoreAway extends Error {}
