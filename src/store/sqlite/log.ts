// The message log over SQLite: appended messages go through GroupCommit, pages come from the connection that reads.
import { GroupCommitLog } from '../group-commit-log.js';
import type { GroupCommit } from '../group-commit.js';
import type { Durability, KeyedMessage, LogId, NewMessage, Page, UserId } from '../log.js';
import { lastOf } from '../messages.js';
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
      const { messages, erased } = await reading(() => this.#parts.history.read(log, begin + 1, high, maxBytes));
      const [last] = messages.slice(-1);
      if (last !== undefined || erased <= begin) {
        return { messages, more: (last === undefined ? high : lastOf(last)) < newest };
      }
      // All of that was trimmed.
      from = Math.min(newest, erased);
    }
  }

  override findKeyed(log: LogId, author: UserId, key: string): Promise<KeyedMessage | undefined> {
    return reading(async () => (await this.#parts.keys.find([[log, author, key]])).get(0));
  }

  protected override readHead(log: LogId): Promise<number> {
    return reading(() => this.#parts.heads.read(log));
  }
}
