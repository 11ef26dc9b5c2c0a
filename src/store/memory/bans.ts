// The bans of the memory store. Each change is one synchronous step, which the directory carries out within a commit.
import type { Ban, BanTarget } from '../directory.js';
import type { MemoryData } from './data.js';

/** The bans of a directory. The methods are those of `Directory`. */
export class MemoryBans {
  readonly #bans: MemoryData['bans'];

  constructor({ bans }: Pick<MemoryData, 'bans'>) {
    this.#bans = bans;
  }

  list(): readonly Ban[] {
    return [...this.#bans.values()];
  }

  set(ban: Ban): void {
    this.#bans.set(keyOf(ban), ban);
  }

  /** Answers whether there was one. */
  remove(target: BanTarget): boolean {
    return this.#bans.delete(keyOf(target));
  }
}

function keyOf({ kind, target }: BanTarget): string {
  return `${kind} ${target}`;
}
