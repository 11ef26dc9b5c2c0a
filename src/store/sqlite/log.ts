// The message log over SQLite: appended messages go through GroupCommit, pages come from the connection that reads.
import { GroupCommitLog } from '../group-commit-log.js';
import type { GroupCommit } from '../group-commit.js';
import type { Deletion, Durability, KeyedMessage, LogId, MessageLog, NewMessage, Page, UserId } from '../log.js';
import { lastOf } from '../messages.js';
import type { Deletions } from './deletions.js';
import type { Heads } from './heads.js';
import type { History } from './history.js';
import type { Keys } from './keys.js';
import { reading } from './reading.js';
import type { SomeMessages } from './some-messages.js';
import type { Times } from './times.js';

/** The parts of a log that read, and that delete. */
export interface LogParts {
  readonly heads: Heads;
  readonly history: History;
  readonly some: SomeMessages;
  readonly keys: Keys;
  readonly deletions: Deletions;
  readonly times: Times;
}

/** Messages in the tables of SQLite. The methods are those of `MessageLog`. */
export class SqliteLog<Post extends NewMessage> extends GroupCommitLog<Post> {
  readonly #parts: LogParts;

  constructor(durability: Durability, commits: GroupCommit<Post>, parts: LogParts) {
    super(durability, commits);
    this.#parts = parts;
  }

  override async readAfter(log: LogId, after: number, upTo: number, limit: number, maxBytes = Infinity): Promise<Page> {
    const newest = Math.min(upTo, await this.readHead(log));
    for (let from = after; ; ) {
      const begin = from;
      const high = Math.min(newest, begin + limit);
      const { messages, edited, erased } = await reading(() =>
        this.#parts.history.read(log, begin + 1, high, maxBytes),
      );
      const [last] = messages.slice(-1);
      if (last !== undefined || erased <= begin) {
        return { messages, edited, more: (last === undefined ? high : lastOf(last)) < newest };
      }
      // All of that was trimmed.
      from = Math.min(newest, erased);
    }
  }

  override readEach(log: LogId, ids: readonly number[]): Promise<Page> {
    return reading(() => this.#parts.some.read(log, ids));
  }

  override deleteMessage(
    ...[log, id, mayDelete, payer]: Parameters<MessageLog<Post>['deleteMessage']>
  ): Promise<Deletion> {
    return this.commits.write(() => this.#parts.deletions.delete(log, id, mayDelete), payer);
  }

  override firstSince(log: LogId, time: number): Promise<number> {
    return reading(() => this.#parts.times.firstSince(log, time));
  }

  override findKeyed(log: LogId, author: UserId, key: string): Promise<KeyedMessage | undefined> {
    return reading(async () => (await this.#parts.keys.find([[log, author, key]])).get(0));
  }

  protected override readHead(log: LogId): Promise<number> {
    return reading(() => this.#parts.heads.read(log));
  }
}
