// Erases the texts of deleted users, in memory.
import { unreached, type Erasures, type Unreached } from '../erasures.js';
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage, UserId } from '../log.js';
import type { MemoryData } from './data.js';

/** The erasures of a memory store. The methods are those of `Erasures`. */
export class MemoryErasures implements Erasures {
  readonly #data: MemoryData;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;

  constructor(data: MemoryData, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    this.#data = data;
    this.#commits = commits;
  }

  async unfinished(): Promise<readonly UserId[]> {
    return [...this.#data.erasures];
  }

  async eraseTexts(user: UserId): Promise<Unreached> {
    // Messages that were on their way are stored with this one at the latest.
    await this.#commits.write(async () => undefined);
    await this.#commits.write(async () => {
      this.#data.eraseTextsOf(user);
      this.#data.erasures.delete(user);
    });
    return unreached();
  }

  async keepInList(): Promise<void> {
    // Nothing is restored into memory.
  }

  async overwritten(): Promise<void> {
    // Memory has no files.
  }

  stop(): void {
    // Nothing takes long in memory.
  }
}
