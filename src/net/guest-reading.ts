// Lets guests' sockets be read in turns while guests have sent much that waits. A read is up to 64 KiB, which a guest
// keeps until all its lines have had their turns: thousands of guests who send ahead would keep hundreds of megabytes.
// What is not read yet stays with the kernel and with the client. Pure over the memory and the deferral.
import { coalesced } from '../loop/coalesced.js';
import { FairQueue } from '../turns/fair-queue.js';
import type { Payer } from '../turns/payer.js';

/** How many sockets may be read anew in a turn while guests' input has room: a megabyte at most. */
const readsWithRoom = 16;

/**
 * How many without. There is always one: somebody who has only begun a line must not keep all others from being read.
 * What that is too much, the memory budget takes from those who have most.
 */
const readsWithoutRoom = 1;

/** A connection whose socket is not read. */
export interface UnreadGuest {
  readonly session: Pick<Payer, 'payerAddress' | 'payerUser'>;
  /** Has the socket read. */
  read(): void;
}

/** Tells whether guests may send more. */
export interface GuestMemory {
  readonly guestsHaveRoom: boolean;
}

/** The guests that wait to be read: addresses take turns, so that a newcomer hardly waits for those who flood. */
export class GuestReading {
  readonly #memory: GuestMemory;
  readonly #waiting = new FairQueue<UnreadGuest>();
  readonly #goOnLater: () => void;

  /** @param defer calls back at the end of a turn of the event loop */
  constructor(memory: GuestMemory, defer = (run: () => void): void => void setImmediate(run)) {
    this.#memory = memory;
    this.#goOnLater = coalesced(defer, () => this.#goOn());
  }

  /** Whether a guest that wants to be read has to wait. */
  get mustWait(): boolean {
    return this.#waiting.size > 0 || !this.#memory.guestsHaveRoom;
  }

  /** Has the guest read when it is its turn. */
  wait(item: UnreadGuest): void {
    this.#waiting.add(item, item.session);
    this.#goOnLater();
  }

  /** Takes back a guest that waits. Does nothing for others. */
  remove(item: UnreadGuest): void {
    this.#waiting.delete(item);
  }

  #goOn(): void {
    for (let left = this.#memory.guestsHaveRoom ? readsWithRoom : readsWithoutRoom; left > 0; left -= 1) {
      const item = this.#waiting.next();
      if (item === undefined) return;
      this.#waiting.delete(item);
      item.read();
    }
    if (this.#waiting.size > 0) this.#goOnLater();
  }
}
