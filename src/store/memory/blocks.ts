// Who blocks whom, in the memory store.
import type { Blocked, Blocks } from '../blocks.js';
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage, UserId } from '../log.js';
import { compareKeys } from '../../text/names.js';
import type { Payer } from '../../turns/payer.js';
import type { MemoryData } from './data.js';

/** Blocks of a memory store. A change is a write of its group commit. */
export class MemoryBlocks implements Blocks {
  readonly #data: MemoryData;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;

  constructor(data: MemoryData, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    this.#data = data;
    this.#commits = commits;
  }

  async has(user: UserId, other: UserId): Promise<boolean> {
    return this.#data.blocks.get(user)?.has(other) ?? false;
  }

  add(user: UserId, other: UserId, most: number, payer?: Payer): Promise<Blocked> {
    return this.#commits.write(async () => {
      const blocked = this.#data.blocks.get(user) ?? new Set();
      this.#data.blocks.set(user, blocked);
      if (blocked.has(other)) return 'known';
      if (this.#namesOf(user).length >= most) return 'full';
      blocked.add(other);
      return 'changed';
    }, payer);
  }

  remove(user: UserId, other: UserId, payer?: Payer): Promise<Exclude<Blocked, 'full'>> {
    return this.#commits.write(
      async () => (this.#data.blocks.get(user)?.delete(other) === true ? 'changed' : 'known'),
      payer,
    );
  }

  async list(user: UserId, limit: number): Promise<readonly string[]> {
    return this.#namesOf(user).slice(0, limit);
  }

  #namesOf(user: UserId): readonly string[] {
    return [...(this.#data.blocks.get(user) ?? [])]
      .flatMap((id) => this.#data.users[id] ?? [])
      .filter(({ state }) => state !== 'deleted')
      .sort((a, b) => compareKeys(a.key, b.key))
      .map(({ name }) => name);
  }
}
