// The part of a message log that every adapter over GroupCommit has in common: all but reading.
import type { GroupCommit } from './group-commit.js';
import type {
  Deletion,
  Durability,
  FollowedLog,
  KeyedMessage,
  LogId,
  LogListener,
  MessageLog,
  NewMessage,
  Page,
  Taken,
  UserId,
  Writing,
} from './log.js';

/** A message log whose messages and other writes go through one GroupCommit. The methods are those of `MessageLog`. */
export abstract class GroupCommitLog<Post extends NewMessage> implements MessageLog<Post> {
  protected readonly commits: GroupCommit<Post>;

  constructor(
    readonly durability: Durability,
    commits: GroupCommit<Post>,
  ) {
    this.commits = commits;
  }

  abstract readAfter(log: LogId, after: number, upTo: number, limit: number, maxBytes?: number): Promise<Page>;

  abstract readEach(log: LogId, ids: readonly number[]): Promise<Page>;

  abstract deleteMessage(...deletion: Parameters<MessageLog<Post>['deleteMessage']>): Promise<Deletion>;

  abstract firstSince(log: LogId, time: number): Promise<number>;

  abstract findKeyed(log: LogId, author: UserId, key: string): Promise<KeyedMessage | undefined>;

  /** Reads the id of the newest stored message of a log, 0 for none. */
  protected abstract readHead(log: LogId): number | Promise<number>;

  listen(listener: LogListener<Post>): void {
    this.commits.listen(listener);
  }

  get taking(): Taken {
    return this.commits.taking;
  }

  append(post: Post): Taken {
    return this.commits.append(post);
  }

  follow(log: LogId): Promise<FollowedLog> {
    return this.commits.follow(log, () => this.readHead(log));
  }

  async head(log: LogId): Promise<number> {
    return this.readHead(log);
  }

  unfollow(log: FollowedLog): void {
    this.commits.unfollow(log);
  }

  get writing(): Writing {
    return this.commits.writing;
  }

  probe(): Promise<void> {
    return this.commits.probe();
  }

  resetTime(): Promise<number> {
    return this.commits.resetTime();
  }
}
