// Turns of networks for password hashes, by start-time fair queueing (turns/start-time-queue.ts): whichever had fewer
// has the next one. What a network had counts only while others wait that had fewer, so none gains by leaving and
// coming again. What it had while nobody waited does not count: a large one has many users. Pure.
import { mostRemembered } from './hash-usage.js';

/** A network. Changed by `NetworkStarts` alone. */
export interface Network {
  /** The virtual time of its next turn. */
  start: number;
  /** For `turnsOf`: that of the turn behind those that were counted. */
  next: number;
}

/** The virtual times at which networks have their next turns. */
export class NetworkStarts {
  readonly #networks = new Map<string, Network>();
  /** The virtual time of the last turn. */
  #last = 0;

  /**
   * Reports that somebody of the network waits from now on.
   * @param waiting the networks of the others who wait
   */
  came(name: string, waiting: readonly Network[]): Network {
    // Before all that had a turn at the last one's time or later. So it does not wait for a network that floods.
    let present = this.#last;
    for (const { start } of waiting) if (start < present) present = start;
    // Of those that are not known the present is the start.
    for (const [oldest, { start }] of this.#networks) {
      if (start >= present && this.#networks.size < mostRemembered) break;
      this.#networks.delete(oldest);
    }
    const network = this.#networks.get(name) ?? { start: present, next: 0 };
    // The last that has come is the last that is forgotten.
    this.#networks.delete(name);
    this.#networks.set(name, network);
    network.start = Math.max(network.start, present);
    return network;
  }

  /** Reports that somebody of the network had a turn. */
  had(network: Network): void {
    this.#last = network.start;
    network.start += 1;
  }

  /** The virtual time of the turn of each who waits. @param networks theirs, in the order in which they are served */
  turnsOf(networks: readonly Network[]): readonly number[] {
    for (const network of networks) network.next = network.start;
    return networks.map((network) => {
      network.next += 1;
      return network.next - 1;
    });
  }
}
