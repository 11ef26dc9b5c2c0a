// Does what is left of deletions of users: a deletion is stored at once, but what has to go from the disk may not go at
// that moment, on a full disk for example. Then it is tried again until it has gone.
import { StoreAway, StoreBusy, StoreFailure } from '../store/store.js';

/** Milliseconds between two attempts. */
const usualPause = 10_000;

/** Who is told what becomes of the work. */
export interface DeletionReports {
  /** Is told why a work failed, once for each work. */
  readonly failed: (error: unknown) => void;
  /** Is told that a work that had failed is done. */
  readonly resumed: () => void;
}

/** The work of deletions of users. */
export class Deletions {
  readonly #reports: DeletionReports;
  readonly #pause: number;
  readonly #left: (() => Promise<void>)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param pause milliseconds between two attempts */
  constructor(reports: DeletionReports, pause = usualPause) {
    this.#reports = reports;
    this.#pause = pause;
  }

  /** How much is left. */
  get left(): number {
    return this.#left.length;
  }

  /**
   * Does the work, or begins to try it again in the background. Answers whether it is done. Rejects where it fails for
   * another reason than the store.
   * @param work may be done several times, and in part before
   */
  async finish(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isStores(error)) throw error;
      if (this.#isClosed) return false;
      this.#reports.failed(error);
      this.#left.push(work);
      this.#tryLater();
      return false;
    }
  }

  /** Tries nothing again: the next process finishes what is left. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #tryLater(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => void this.#tryAgain(), this.#pause).unref();
  }

  /** Does the works in their order, up to the first that fails. */
  async #tryAgain(): Promise<void> {
    try {
      for (let work = this.#left[0]; work !== undefined; work = this.#left[0]) {
        await work();
        this.#left.shift();
        this.#reports.resumed();
      }
      this.#timer = undefined;
    } catch (error) {
      // A fault of ours would not go away by itself.
      if (!isStores(error)) this.#left.shift();
      if (!isStores(error)) this.#reports.failed(error);
      this.#timer = undefined;
      if (this.#left.length > 0) this.#tryLater();
    }
  }
}

function isStores(error: unknown): boolean {
  return error instanceof StoreFailure || error instanceof StoreBusy || error instanceof StoreAway;
}
