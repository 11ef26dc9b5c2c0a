// Turns of networks for password hashes, by start-time fair queueing (turns/start-time-queue.ts): whichever had fewer
// has the next one. What a network had before it came does not count: a large one has many users, and they may have
// logged in while nobody waited. Pure.
import { mostRemembered } from './hash-usage.js';

/** The virtual times at which networks have their next turns. */
export class NetworkStarts {
  readonly #starts = new Map<string, number>();

  /**
   * Reports that somebody of the network waits from now on.
   * @param waiting the networks of the others who wait
   */
  came(network: string, waiting: Iterable<string>): void {
    let present = Infinity;
    for (const each of waiting) present = Math.min(present, this.#start(each));
    if (present === Infinity) {
      this.#starts.clear();
      present = 0;
    }
    // Of those that have no start the present is theirs.
    for (const [oldest, start] of this.#starts) {
      if (start >= present && this.#starts.size < mostRemembered) break;
      this.#starts.delete(oldest);
    }
    this.#set(network, Math.max(present, this.#start(network)));
  }

  /** Reports that somebody of the network had a turn. */
  had(network: string): void {
    this.#set(network, this.#start(network) + 1);
  }

  /** The virtual time of the turn of each who waits. @param networks theirs, in the order in which they are served */
  turnsOf(networks: readonly string[]): readonly number[] {
    const next = new Map<string, number>();
    return networks.map((network) => {
      const turn = next.get(network) ?? this.#start(network);
      next.set(network, turn + 1);
      return turn;
    });
  }

  #start(network: string): number {
    return this.#starts.get(network) ?? 0;
  }

  /** The last that was set is the last that is forgotten. */
  #set(network: string, start: number): void {
    this.#starts.delete(network);
    this.#starts.set(network, start);
  }
}
