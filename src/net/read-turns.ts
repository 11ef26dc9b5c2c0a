// Lets all sessions take turns at reading the store, which reads one thing at a time: operators first, then users and
// guests 3 : 2, and inside a class by address, user and session, by the time that each read took. Pages of stored
// messages have places of their own, part by part, by address, user and session. While connections keep much in memory,
// parts are small, and no address gets one before its clients have read the last one: whoever reads nothing waits, and
// costs nothing. Pure over the memory and the clock.
import { coalesced } from '../loop/coalesced.js';
import { FairQueue } from '../turns/fair-queue.js';
import type { Payer } from '../turns/payer.js';
import { PayerQueue } from './payer-queue.js';

/**
 * How many reads are in hand at one time: while one is used, the store has another. A read that comes waits for these,
 * whoever it is, so they are few.
 */
const maxReads = 2;

/**
 * How many small reads take one place. The store gathers them in a statement (store/gathered-reads.ts), so that these
 * together take about as long as one of the others.
 */
const smallOnesPerPlace = 32;

/** Milliseconds that a small read is charged: it is not known which part of its statement's time it took. */
const smallReadTime = 0.03;

/** How much of pages is in hand. */
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

/** How many sessions are looked at in a turn, while memory is short, for one whose address may have a part. */
const mostTries = 64;

/** Tells whether there is memory for what is read ahead. */
export interface ReadAheadMemory {
  readonly hasRoom: boolean;
  /** Calls back once, when there is room again. */
  whenRoom(callback: () => void): void;
}

/** A read that waits for its turn. */
interface Waiting<Given extends readonly unknown[]> {
  readonly payer: Payer;
  readonly reader?: PartReader;
  /** Whether it is a small read. */
  readonly isSmall?: boolean;
  /** Reads, and settles the caller's promise. Does not reject. */
  readonly run: (...given: Given) => Promise<void>;
}

/** A session that reads pages. */
interface PartReader {
  /** Whether it has ended. Then its part reads nothing. */
  readonly gone?: boolean;
}

/** The turns of all sessions. */
export class ReadTurns {
  readonly #memory: ReadAheadMemory;
  readonly #reads = new PayerQueue<Waiting<[]>>();
  readonly #readPlaces: Places;
  readonly #parts = new FairQueue<Waiting<[maxBytes: number]>>();
  #partsInHand = 0;
  /** How many clients of each address have not taken yet what they were sent. */
  readonly #unread = new Map<string, number>();
  readonly #defer: (run: () => void) => void;
  /** How many sessions were looked at in vain since something changed. */
  #tried = 0;
  /** Looks at those behind in the next turn. */
  readonly #tryOthers: () => void;
  readonly #waitForRoom: () => void;

  /**
   * @param now milliseconds of the monotonic clock
   * @param defer calls back in the next turn of the event loop
   */
  constructor(
    memory: ReadAheadMemory,
    now = (): number => performance.now(),
    defer = (run: () => void): void => void setImmediate(run),
  ) {
    this.#memory = memory;
    this.#readPlaces = new Places(now);
    this.#defer = defer;
    this.#tryOthers = coalesced(defer, () => this.#goOn());
    this.#waitForRoom = coalesced(
      (startParts) => memory.whenRoom(startParts),
      () => this.#startParts(),
    );
  }

  /** How many reads and parts wait for their turn. */
  get waiting(): number {
    return this.#reads.size + this.#parts.size;
  }

  /**
   * Runs `read` when it is the payer's turn. Settles as it does. Others wait meanwhile, so it must do nothing but read:
   * an inner `run` could wait for ever.
   */
  run<Result>(payer: Payer, read: () => Promise<Result>): Promise<Result> {
    return this.#run(payer, read, false);
  }

  /** As `run`, for a read of a row or two that the store gathers with others. */
  runSmall<Result>(payer: Payer, read: () => Promise<Result>): Promise<Result> {
    return this.#run(payer, read, true);
  }

  #run<Result>(payer: Payer, read: () => Promise<Result>, isSmall: boolean): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#reads.add({ payer: snapshot(payer), isSmall, run: () => read().then(resolve, reject) }, payer);
      this.#startReads();
    });
  }

  /**
   * Runs `part`, which reads messages and shows them, when it is the payer's turn, with the most bytes that it may
   * read.
   */
  readAhead<Result>(payer: Payer & PartReader, part: (maxBytes: number) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const run = (maxBytes: number): Promise<void> => part(maxBytes).then(resolve, reject);
      this.#parts.add({ payer: snapshot(payer), reader: payer, run }, payer);
      this.#startParts();
    });
  }

  /** Waits until the payer's client has taken what it was sent, as `taken` says. */
  async shown({ payerAddress }: Pick<Payer, 'payerAddress'>, taken: Promise<void>): Promise<void> {
    this.#unread.set(payerAddress, (this.#unread.get(payerAddress) ?? 0) + 1);
    await taken;
    const others = (this.#unread.get(payerAddress) ?? 0) - 1;
    if (others > 0) this.#unread.set(payerAddress, others);
    else this.#unread.delete(payerAddress);
    this.#startParts();
  }

  /**
   * As `shown`, for the last part of a page, which nobody waits for. It is not written by itself: `drained` is asked
   * once its lines have left with those of this turn.
   */
  lastShown(payer: Pick<Payer, 'payerAddress'>, drained: () => Promise<void>): void {
    void this.shown(
      payer,
      new Promise((resolve) => {
        this.#defer(() => void drained().then(resolve));
      }),
    );
  }

  #startReads(): void {
    while (this.#readPlaces.taken < maxReads) {
      const next = this.#reads.take();
      if (next === undefined) return;
      const { isSmall = false } = next;
      void this.#readPlaces.run(next.run, isSmall ? 1 / smallOnesPerPlace : 1).then((took) => {
        this.#reads.charge(next.payer, isSmall ? smallReadTime : took);
        this.#startReads();
      });
    }
  }

  /** Starts the parts that may begin. To be called where one might: something has changed. */
  #startParts(): void {
    this.#tried = 0;
    this.#goOn();
  }

  #goOn(): void {
    for (let next = this.#nextPart(); next !== undefined; next = this.#nextPart()) {
      this.#parts.delete(next);
      this.#partsInHand += 1;
      // Nobody is charged: parts are of one size, and those who are passed over would be tried in vain below.
      void next.run((this.#memory.hasRoom ? usual : little).bytes).then(() => {
        this.#partsInHand -= 1;
        this.#startParts();
      });
    }
  }

  /** The part that may begin now. */
  #nextPart(): Waiting<[maxBytes: number]> | undefined {
    if (this.#parts.size === 0 || this.#partsInHand >= usual.parts) return undefined;
    if (this.#memory.hasRoom) return this.#parts.next();
    this.#waitForRoom();
    if (this.#partsInHand >= little.parts) return undefined;
    const end = Math.min(this.#tried + mostTries, this.#parts.size);
    for (; this.#tried < end; this.#tried += 1) {
      const next = this.#parts.next();
      if (next !== undefined && (next.reader?.gone === true || !this.#unread.has(next.payer.payerAddress))) return next;
    }
    if (this.#tried < this.#parts.size) this.#tryOthers();
    return undefined;
  }
}

/** Counts reads that run at the same time, and shares the time among them: the store works on one after the other. */
class Places {
  readonly #now: () => number;
  #lastEnd = -Infinity;
  /** How many places are taken. */
  taken = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Runs `read`, which must not reject. Answers how many milliseconds it took, those before another one ended left out.
   * @param size how much of a place it takes
   */
  async run(read: () => Promise<void>, size: number): Promise<number> {
    const began = this.#now();
    this.taken += size;
    await read();
    const ended = this.#now();
    const took = ended - Math.max(began, this.#lastEnd);
    this.#lastEnd = ended;
    this.taken -= size;
    return took;
  }
}

/** The payer as it is now: a session may log in or out while its read waits. */
function snapshot({ payerClass, payerAddress, payerUser }: Payer): Payer {
  return { payerClass, payerAddress, payerUser };
}
