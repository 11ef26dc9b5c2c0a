// The changes of the directory that wait for a commit. A commit carries as many as take a few milliseconds, because all
// messages of the batch wait for them. Operators' come first. Then payers take turns: addresses, and inside an address
// its users. Where too many wait, the newest of the address that has the most gives way.
import { FairQueue } from '../turns/fair-queue.js';
import type { Payer } from '../turns/payer.js';
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

/** What a change is thought to take before the first one was measured, in milliseconds. */
const firstGuess = 1;

/** The least and the most of `StoreBusy.retryAfter`, in milliseconds. */
const retryAfterRange = [100, 60_000] as const;

/** Work for a transaction, and the callbacks that settle its promise. */
export interface Write {
  readonly run: () => Promise<void>;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** The changes that wait for a commit. */
export class JobQueue {
  readonly #limits: JobLimits;
  readonly #operators: Write[] = [];
  readonly #others = new FairQueue<Write>();
  /** How long a change takes, in milliseconds. It rises at once, and falls slowly: a commit must not take too many. */
  #cost = firstGuess;
  /** How long the last commit with changes took, in milliseconds. */
  #committing = 0;

  constructor(limits: JobLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#operators.length + this.#others.size;
  }

  /** Adds a change. Where too many wait, one of them fails with StoreBusy. @param payer of a client; else an operator's */
  add(write: Write, payer: Payer | undefined): void {
    if (payer === undefined || payer.payerClass === 'operator') {
      this.#operators.push(write);
      return;
    }
    this.#others.add(write, payer);
    if (this.#others.size <= this.#limits.waiting) return;
    const heaviest = this.#others.heaviest();
    if (heaviest === undefined) return;
    this.#others.delete(heaviest);
    heaviest.failed(new StoreBusy(this.#retryAfter));
  }

  /** Takes what the next commit carries, in order. Of the two kinds at least one each, if it waits. */
  take(): readonly Write[] {
    const most = this.#perCommit;
    // Clients have half of it while they need it: an operator's script must not stop them.
    const kept = Math.min(this.#others.size, Math.ceil(most / 2));
    const taken = this.#operators.splice(0, Math.max(1, most - kept));
    const places = Math.max(1, most - taken.length);
    for (let place = 0; place < places; place += 1) {
      const next = this.#others.next();
      if (next === undefined) break;
      this.#others.delete(next);
      taken.push(next);
    }
    return taken;
  }

  /** Reports how long the changes of a commit took in all, and the commit itself, in milliseconds. */
  measured(count: number, milliseconds: number, commit: number): void {
    if (count === 0) return;
    const cost = milliseconds / count;
    this.#cost = Math.max(cost, this.#cost + (cost - this.#cost) / 8);
    this.#committing = commit;
  }

  get #perCommit(): number {
    return Math.max(1, Math.floor(this.#limits.milliseconds / this.#cost));
  }

  /** When all that wait now will be stored. */
  get #retryAfter(): number {
    const [least, most] = retryAfterRange;
    const commits = Math.ceil(this.#others.size / this.#perCommit);
    return Math.ceil(Math.min(most, Math.max(least, commits * this.#committing)));
  }
}
