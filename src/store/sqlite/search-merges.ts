// Merges the index of what was said: a deleted text leaves its words in the file until the parts that have them are
// merged. Decides when it is time to, and does it step by step.
import { setTimeout as sleep } from 'node:timers/promises';
import type { IndexPosition, SearchIndex } from './search-index.js';

/** Milliseconds between two complete merges, after which no word is left of what was removed. */
const betweenMerges = 300_000;

/** A merge begins too where the messages since the last one are this share of those before it, and at least so many. */
const [grownShare, leastGrown] = [0.2, 20_000] as const;

/** Milliseconds between two attempts to empty the log. */
const betweenAttempts = 20;

/** The merges of an index, one after the other. */
export class SearchMerges {
  /** The merge that is under way: of which index, and where it began. One of a closed index counts no more. */
  #underWay: { readonly index: SearchIndex; readonly from: IndexPosition } | undefined;
  /** When the last merge ended. An earlier process may have been about to merge. */
  #ended = -Infinity;

  /**
   * Whether words of what was removed have stood in the file for long. Then a merge can't wait for a quiet time.
   * @param position that of the index
   */
  isDue({ removals, purged }: IndexPosition): boolean {
    return removals > purged && performance.now() - this.#ended > betweenMerges;
  }

  /** Merges a part, where it is time to. Answers whether it shall go on. Rejects with DatabaseError. */
  async step(index: SearchIndex, position: IndexPosition): Promise<boolean> {
    const { added, merged } = position;
    const isGrown = added - merged > Math.max(leastGrown, merged * grownShare);
    const begun = this.#underWay?.index === index ? this.#underWay.from : undefined;
    if (begun === undefined && !isGrown && !this.isDue(position)) return false;
    const from = begun ?? position;
    this.#underWay = { index, from };
    if (!(await index.merge(begun === undefined)) || (await index.giveBack())) return true;
    await this.#finish(index, from);
    await index.emptyLog();
    return false;
  }

  /**
   * Merges all. When this has fulfilled, no word is left in the file of what was removed before. Rejects with
   * DatabaseError.
   * @param goOn is called before each further step, and throws where there is to be none
   */
  async complete(index: SearchIndex, goOn: () => void): Promise<void> {
    const position = await index.position();
    if (position.removals > position.purged) {
      for (let isFirst = true; !(await index.merge(isFirst)); isFirst = false) goOn();
      while (await index.giveBack()) goOn();
      await this.#finish(index, position);
    }
    while (!(await index.emptyLog())) {
      goOn();
      await sleep(betweenAttempts);
    }
  }

  async #finish(index: SearchIndex, from: IndexPosition): Promise<void> {
    await index.finishMerge(from);
    this.#underWay = undefined;
    this.#ended = performance.now();
  }
}
