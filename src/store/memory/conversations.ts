// The private conversations of the memory store.
import { lastRoomLog, pairOf, type Conversations } from '../conversations.js';
import type { ListedConversation, OpenedConversation } from '../conversations.js';
import type { GroupCommit } from '../group-commit.js';
import type { LogId, NewMessage, UserId } from '../log.js';
import type { Payer } from '../../turns/payer.js';
import type { MemoryData } from './data.js';

/** Conversations of a memory store. A change is a write of its group commit. */
export class MemoryConversations implements Conversations {
  readonly #data: MemoryData;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;

  constructor(data: MemoryData, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    this.#data = data;
    this.#commits = commits;
  }

  async find(one: UserId, other: UserId): Promise<LogId | undefined> {
    return this.#find(one, other);
  }

  open(one: UserId, other: UserId, payer?: Payer): Promise<OpenedConversation> {
    return this.#commits.write(async () => {
      const found = this.#find(one, other);
      if (found !== undefined) return { log: found, isNew: false };
      const { pairs } = this.#data;
      return { log: lastRoomLog + pairs.push(pairOf(one, other)), isNew: true };
    }, payer);
  }

  async list(user: UserId, after: LogId | undefined, limit: number): Promise<readonly ListedConversation[]> {
    const all = this.#data.pairs
      .map((pair, place) => ({ pair, log: lastRoomLog + place + 1 }))
      .filter(({ pair, log }) => pair.includes(user) && this.#data.messagesOf(log).length > 0)
      .map(({ pair: [one, other], log }) => ({
        log,
        with: one === user ? other : one,
        last: this.#data.messagesOf(log).length,
        time: this.#data.messagesOf(log).at(-1)?.time ?? 0,
        read: this.#data.marks.get(`${user} ${log}`) ?? 0,
      }))
      .sort((a, b) => b.time - a.time || b.log - a.log);
    const begin = all.findIndex(({ log }) => log === after) + 1;
    return all.slice(begin, begin + limit);
  }

  markRead(user: UserId, log: LogId, id: number, payer?: Payer): Promise<number> {
    return this.#commits.write(async () => {
      const before = this.#data.marks.get(`${user} ${log}`) ?? 0;
      this.#data.marks.set(`${user} ${log}`, id);
      return before;
    }, payer);
  }

  #find(one: UserId, other: UserId): LogId | undefined {
    const [first, second] = pairOf(one, other);
    const place = this.#data.pairs.findIndex((pair) => pair[0] === first && pair[1] === second);
    return place === -1 ? undefined : lastRoomLog + place + 1;
  }
}
