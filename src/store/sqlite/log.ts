// The message log over SQLite: appended messages go through GroupCommit, pages come from the connection that reads.
import type { GroupCommit } from '../group-commit.js';
import type {
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
} from '../log.js';
import type { Heads } from './heads.js';
import type { History } from './history.js';
import type { Keys } from './keys.js';
import { reading } from './reading.js';

/** The parts that a log reads from. */
export interface LogParts {
  readonly heads: Heads;
  readonly history: History;
  readonly keys: Keys;
}

/** Messages in the tables of SQLite. The methods are those of `MessageLog`. */
export class SqliteLog<Post extends NewMessage> implements MessageLog<Post> {
  readonly durability: Durability;
  readonly #commits: GroupCommit<Post>;
  readonly #parts: LogParts;

  constructor(durability: Durability, commits: GroupCommit<Post>, parts: LogParts) {
    this.durability = durability;
    this.#commits = commits;
    this.#parts = parts;
  }

  listen(listener: LogListener<Post>): void {
    this.#commits.listen(listener);
  }

  get taking(): Taken {
    return this.#commits.taking;
  }

  append(post: Post): Taken {
    return this.#commits.append(post);
  }

  follow(log: LogId): Promise<FollowedLog> {
    return this.#commits.follow(log, () => this.#head(log));
  }

  unfollow(log: FollowedLog): void {
    this.#commits.unfollow(log);
  }

  async readAfter(log: LogId, after: number, upTo: number, limit: number): Promise<Page> {
    const newest = Math.min(upTo, await this.#head(log));
    const high = Math.min(newest, after + limit);
    return { messages: await reading(() => this.#parts.history.read(log, after + 1, high)), more: high < newest };
  }

  async readBefore(log: LogId, before: number, limit: number): Promise<Page> {
    const high = Math.min(before - 1, await this.#head(log));
    const low = Math.max(1, high - limit + 1);
    return { messages: await reading(() => this.#parts.history.read(log, low, high)), more: low > 1 };
  }

  findKeyed(log: LogId, author: UserId, key: string): Promise<KeyedMessage | undefined> {
    return reading(async () => (await this.#parts.keys.find([[log, author, key]])).get(0));
  }

  get writing(): Writing {
    return this.#commits.writing;
  }

  probe(): Promise<void> {
    return this.#commits.probe();
  }

  resetTime(): Promise<number> {
    return this.#commits.resetTime();
  }

  #head(log: LogId): Promise<number> {
    return reading(() => this.#parts.heads.read(log));
  }
}
