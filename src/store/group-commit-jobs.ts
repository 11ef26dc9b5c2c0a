// The changes of the directory that wait for a commit. A commit carries as many as take a few milliseconds, because all
// messages of the batch wait for them. Operators' come first. Then payers take turns: addresses, and inside an address
// its users. Where too many wait, the newest of the address that has the most gives way.
import { FairQueue } from '../turns/fair-queue.js';
import type { Payer } from '../turns/payer.js';
import type { Job, Jobs } from './committer.js';
import { StoreBusy } from './store.js';

/** How much of the directory's changes a store takes. */
export interface JobLimits {
  /** Milliseconds of a commit in which changes are carried out. */
  readonly milliseconds: number;
  /** The most changes of clients that wait. Operators' are not counted: there are few operators. */
  readonly waiting: number;
}

/** What a store takes where nobody says anything else. */
export const defaultJobLimits: JobLimits = { milliseconds: 8, waiting: 1024 };

/** The least and the most of `StoreBusy.retryAfter`, in milliseconds. */
const retryAfterRange = [100, 10_000] as const;

/** Work for a transaction, and the callbacks that settle its promise. */
export interface Write {
  readonly run: Job;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** The changes that wait for a commit. */
export class JobQueue {
  readonly #limits: JobLimits;
  #operators: Write[] = [];
  readonly #clients = new FairQueue<Write>();
  /** How many milliseconds of commits one change takes, lately. */
  #cost = 0;
  /** When the last one that was refused was told to come again. */
  #promised = 0;

  /** @param now milliseconds of the monotonic clock */
  constructor(
    limits: JobLimits,
    readonly now = (): number => performance.now(),
  ) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#operators.length + this.#clients.size;
  }

  /**
   * Adds a change. Where too many wait, one of them fails with StoreBusy.
   * @param payer of a client; else an operator's
   */
  add(write: Write, payer: Payer | undefined): void {
    if (payer === undefined || payer.payerClass === 'operator') {
      this.#operators.push(write);
      return;
    }
    this.#clients.add(write, payer);
    if (this.#clients.size <= this.#limits.waiting) return;
    const heaviest = this.#clients.heaviest();
    if (heaviest === undefined) return;
    this.#clients.delete(heaviest);
    heaviest.failed(new StoreBusy(this.#promise()));
  }

  /**
   * Takes the next change of a commit. Operators leave half of the time to clients who wait, and at least one change.
   * @param spent milliseconds of the commit that changes have taken already
   * @param clients how many changes of clients it has
   */
  next(spent: number, clients: number): { readonly write: Write; readonly isClients: boolean } | undefined {
    const { milliseconds } = this.#limits;
    const kept = this.#clients.size > 0 ? milliseconds / 2 : 0;
    const operators = spent < milliseconds - kept ? this.#operators.shift() : undefined;
    if (operators !== undefined) return { write: operators, isClients: false };
    if (spent >= milliseconds && clients > 0) return undefined;
    const write = this.#clients.next();
    if (write === undefined) return undefined;
    this.#clients.delete(write);
    return { write, isClients: true };
  }

  /** Takes all changes. */
  clear(): readonly Write[] {
    const all = this.#operators;
    this.#operators = [];
    for (let next = this.#clients.next(); next !== undefined; next = this.#clients.next()) {
      this.#clients.delete(next);
      all.push(next);
    }
    return all;
  }

  /** Reports that a commit with so many changes took so many milliseconds. */
  committed(changes: number, milliseconds: number): void {
    if (changes === 0) return;
    const cost = milliseconds / changes;
    this.#cost += (cost - this.#cost) / (this.#cost === 0 ? 1 : 8);
  }

  /**
   * Answers when one that is refused should come again: when those that wait are stored, and those that were refused
   * before it have come again. All at once they would be too many again.
   */
  #promise(): number {
    const [least, most] = retryAfterRange;
    const now = this.now();
    const next = Math.max(now + this.#clients.size * this.#cost, this.#promised) + this.#cost;
    this.#promised = Math.min(next, now + most);
    return Math.ceil(Math.max(least, this.#promised - now));
  }
}

/**
 * The jobs of one commit. They are taken from the queue while they are carried out, until their time is over. A commit
 * that began without jobs stays without.
 */
export class CommitJobs implements Jobs {
  readonly #queue: JobQueue;
  /** What was taken so far, in order. */
  readonly writes: Write[];
  /** How many of them, the first ones, are no changes of the directory. Their time does not count. */
  readonly #first: number;
  readonly #takes: boolean;
  #clients = 0;
  #spent = 0;

  /**
   * @param first what is carried out before the changes
   * @param takes whether it takes changes
   */
  constructor(first: readonly Write[], queue: JobQueue, takes = queue.size > 0) {
    this.writes = [...first];
    this.#first = first.length;
    this.#queue = queue;
    this.#takes = takes;
  }

  get length(): number {
    return this.writes.length + (this.#takes ? this.#queue.size : 0);
  }

  /** How many changes of the directory were taken. */
  get changes(): number {
    return this.writes.length - this.#first;
  }

  *[Symbol.iterator](): Iterator<Job> {
    for (let place = 0; ; place += 1) {
      const write = this.writes[place] ?? this.#take();
      if (write === undefined) return;
      const begun = this.#queue.now();
      yield write.run;
      if (place >= this.#first) this.#spent += this.#queue.now() - begun;
    }
  }

  /** Takes all that wait where none could even begin: the commit has failed, and they fail with it. */
  failed(): void {
    if (this.#takes && this.changes === 0) this.writes.push(...this.#queue.clear());
  }

  #take(): Write | undefined {
    const next = this.#takes ? this.#queue.next(this.#spent, this.#clients) : undefined;
    if (next === undefined) return undefined;
    if (next.isClients) this.#clients += 1;
    this.writes.push(next.write);
    return next.write;
  }
}
