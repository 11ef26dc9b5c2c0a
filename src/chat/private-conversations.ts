// The private conversations that are in use: those that have messages on their way, or whose past somebody reads.
// Others take no memory.
import type { Author, FollowedLog, LogId, MessageLog, NewMessage, UserId } from '../store/log.js';
import type { ChatUser } from './presence.js';

/** A private conversation of two users, who may be one. */
export class PrivateConversation {
  readonly log: FollowedLog;
  readonly users: readonly [ChatUser, ChatUser];
  /** How many messages were deleted since it is in use: a page that was read meanwhile may show their texts. */
  deletions = 0;
  /** How many messages of each user are on their way. */
  readonly #pending = new Map<UserId, number>();
  #waiting: (() => void)[] = [];

  /** @param log the conversation's log, which the caller follows as long as this is in use */
  constructor(log: FollowedLog, users: readonly [ChatUser, ChatUser]) {
    this.log = log;
    this.users = users;
  }

  /** To whom a message of this author goes: the other user. */
  toOf({ id }: Pick<Author, 'id'>): string {
    const [one, other] = this.users;
    if (id === one.id) return other.name;
    if (id === other.id) return one.name;
    throw new Error(`user ${id} has written in the conversation ${this.log.id} of others`);
  }

  /** Counts a message of the user that the store has taken. */
  taken(author: UserId): void {
    this.#pending.set(author, (this.#pending.get(author) ?? 0) + 1);
  }

  /** Reports that one of the user's messages is answered. */
  settled(author: UserId): void {
    const pending = (this.#pending.get(author) ?? 0) - 1;
    if (pending > 0) this.#pending.set(author, pending);
    else this.#pending.delete(author);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Fulfils when no message of the user is on its way. */
  async quiet(author: UserId): Promise<void> {
    while (this.#pending.has(author)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** A conversation that is in use, or about to be. */
class Entry {
  uses = 0;
  /** Set when it is opened. */
  conversation: PrivateConversation | undefined;
  readonly opening: Promise<PrivateConversation>;

  constructor(following: Promise<FollowedLog>, users: readonly [ChatUser, ChatUser]) {
    // In the same step as it is followed: messages that come from then on are shown.
    this.opening = following.then((log) => (this.conversation = new PrivateConversation(log, users)));
  }
}

/** Opens conversations, and drops them when nobody uses them. There is never more than one object for one of them. */
export class PrivateConversations {
  readonly #log: Pick<MessageLog<NewMessage>, 'follow' | 'unfollow'>;
  readonly #entries = new Map<LogId, Entry>();
  #blockChanges = 0;

  constructor(log: Pick<MessageLog<NewMessage>, 'follow' | 'unfollow'>) {
    this.#log = log;
  }

  /** How many are in use. */
  get size(): number {
    return this.#entries.size;
  }

  /** The conversation of that log, if it is in use. */
  ofLog(log: LogId): PrivateConversation | undefined {
    return this.#entries.get(log)?.conversation;
  }

  /**
   * Opens the conversation of that log, and keeps it open until `release`. May wait for a commit, so it must not be
   * called within a turn. Rejects as the store does.
   */
  async open(log: LogId, users: readonly [ChatUser, ChatUser]): Promise<PrivateConversation> {
    let entry = this.#entries.get(log);
    if (entry === undefined) {
      entry = new Entry(this.#log.follow(log), users);
      this.#entries.set(log, entry);
    }
    entry.uses += 1;
    try {
      return await entry.opening;
    } catch (error) {
      this.release(log);
      throw error;
    }
  }

  /** Reports that a use of the conversation has ended. */
  release(log: LogId): void {
    const entry = this.#entries.get(log);
    if (entry === undefined) return;
    entry.uses -= 1;
    if (entry.uses > 0) return;
    this.#entries.delete(log);
    if (entry.conversation !== undefined) this.#log.unfollow(entry.conversation.log);
  }

  /** Moves on when a user has blocked another one: what was read of blocks before may be wrong. */
  get blockChanges(): number {
    return this.#blockChanges;
  }

  /**
   * Reports that a user now blocks another one. From here on the other one sends nothing more. What it has sent is on
   * its way: see `PrivateConversation.quiet`.
   */
  blockAdded(): void {
    this.#blockChanges += 1;
  }
}
