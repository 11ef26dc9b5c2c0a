// Lets sessions that read many stored messages take turns, part by part: addresses first, then users, then sessions. Two
// parts are in hand at a time, one that the store reads and one that is shown. While connections keep much in memory,
// parts are small, and no address gets one before its clients have read the last one: whoever reads nothing waits, and
// costs nothing. Pure over the memory that it is given.
import { FairQueue } from './fair-queue.js';
import type { Payer } from './line-session.js';

/** How much is in hand. */
interface Amount {
  /** The parts that are read or shown at one time. */
  readonly parts: number;
  /** How many bytes of stored messages a part has at most, if they are several. */
  readonly bytes: number;
}

/** Two runs of messages that are full (store/sqlite/runs.ts), with some bytes to spare. */
const usual: Amount = { parts: 2, bytes: 147_456 };

/** While memory is short. */
const little: Amount = { parts: 1, bytes: 16_384 };

/** How many sessions are looked at, while memory is short, for one whose address may have a part. */
const mostTries = 64;

/** Tells whether there is memory for what is read ahead. */
export interface ReadAheadMemory {
  readonly hasRoom: boolean;
  /** Calls back once, when there is room again. */
  whenRoom(callback: () => void): void;
}

/** A part of a page that waits for its turn. */
interface Waiting {
  readonly address: string;
  /** Reads the part and shows it. Does not reject. */
  readonly run: (maxBytes: number) => Promise<void>;
}

/** The turns of all sessions. */
export class ReadTurns {
  readonly #memory: ReadAheadMemory;
  readonly #queue = new FairQueue<Waiting>();
  /** How many clients of each address have not taken yet what they were sent. */
  readonly #unread = new Map<string, number>();
  #running = 0;
  #waitsForRoom = false;

  constructor(memory: ReadAheadMemory) {
    this.#memory = memory;
  }

  /** How many parts wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Runs `part` when it is the payer's turn, with the most bytes that it may read. Settles as it does. */
  run<Result>(payer: Payer, part: (maxBytes: number) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const run = (maxBytes: number): Promise<void> => part(maxBytes).then(resolve, reject);
      this.#queue.add({ address: payer.payerAddress, run }, payer);
      this.#start();
    });
  }

  /** Waits until the payer's client has taken what it was sent, as `taken` says. */
  async read({ payerAddress }: Payer, taken: Promise<void>): Promise<void> {
    this.#unread.set(payerAddress, (this.#unread.get(payerAddress) ?? 0) + 1);
    await taken;
    const others = (this.#unread.get(payerAddress) ?? 0) - 1;
    if (others > 0) this.#unread.set(payerAddress, others);
    else this.#unread.delete(payerAddress);
    this.#start();
  }

  readonly #start = (): void => {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#queue.delete(next);
      this.#running += 1;
      void next.run((this.#memory.hasRoom ? usual : little).bytes).then(() => {
        this.#running -= 1;
        this.#start();
      });
    }
  };

  /** The part that may begin now. */
  #next(): Waiting | undefined {
    if (this.#queue.size === 0 || this.#running >= usual.parts) return undefined;
    if (this.#memory.hasRoom) return this.#queue.next();
    this.#waitForRoom();
    if (this.#running >= little.parts) return undefined;
    for (let tries = Math.min(mostTries, this.#queue.size); tries > 0; tries -= 1) {
      const next = this.#queue.next();
      if (next !== undefined && !this.#unread.has(next.address)) return next;
    }
    return undefined;
  }

  #waitForRoom(): void {
    if (this.#waitsForRoom) return;
    this.#waitsForRoom = true;
    this.#memory.whenRoom(() => {
      this.#waitsForRoom = false;
      this.#start();
    });
  }
}
