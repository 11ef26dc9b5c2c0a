// When users were seen last, in memory.
import type { GroupCommit } from '../group-commit.js';
import type { LastSeen } from '../last-seen.js';
import type { NewMessage, UserId } from '../log.js';
import type { Payer } from '../../turns/payer.js';
import type { MemoryData } from './data.js';

/** The times of a memory store. The methods are those of `LastSeen`. */
export class MemoryLastSeen implements LastSeen {
  readonly #data: MemoryData;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;

  constructor(data: MemoryData, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    this.#data = data;
    this.#commits = commits;
  }

  mark(times: ReadonlyMap<UserId, number>, payer?: Payer): Promise<void> {
    const { seen, users } = this.#data;
    return this.#commits.write(async () => {
      for (const [user, time] of times) if ((users[user]?.state ?? 'deleted') !== 'deleted') seen.set(user, time);
    }, payer);
  }

  async of(user: UserId): Promise<number | undefined> {
    return this.#data.seen.get(user);
  }
}
