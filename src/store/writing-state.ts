// Whether a store can write: what its last commits showed, and whether it can be reached. Tells the listener of each
// change.
import type { LogListener, NewMessage, Writing } from './log.js';
import { StoreFailure, type StoreAway } from './store.js';

type StateListener = Pick<LogListener<NewMessage>, 'writing' | 'reachable'>;

/** The state of writing, which `GroupCommit` reports. */
export class WritingState {
  #listener: StateListener | undefined;
  #lastCommit: number | undefined;
  #failing: string | undefined;
  #away: StoreAway | undefined;

  /** @param failing why writes would fail now, where that is known from the start */
  constructor(failing?: string) {
    this.#failing = failing;
  }

  /** Sets the listener. It is told at once where writes fail or the store can't be reached. */
  listen(listener: StateListener): void {
    this.#listener = listener;
    if (this.#failing !== undefined) listener.writing?.(new StoreFailure(this.#failing));
    if (this.#away !== undefined) listener.reachable?.(this.#away);
  }

  /** The state, but for the clock. */
  get current(): Omit<Writing, 'behind'> {
    return { lastCommit: this.#lastCommit, failing: this.#failing, away: this.#away?.message };
  }

  /** Why the store can't be reached; undefined where it can. */
  get away(): StoreAway | undefined {
    return this.#away;
  }

  /** Reports that the store can't be reached, with the reason, or that it can again. */
  setAway(failure: StoreAway | undefined): void {
    const isChanged = (failure === undefined) !== (this.#away === undefined);
    this.#away = failure;
    if (isChanged) this.#listener?.reachable?.(failure);
  }

  /**
   * Reports that a commit that had to reach the disk has succeeded.
   * @param at when, in milliseconds of the monotonic clock
   */
  succeeded(at: number): void {
    this.#lastCommit = at;
    if (this.#failing === undefined) return;
    this.#failing = undefined;
    this.#listener?.writing?.(undefined);
  }

  /** Reports that a commit has failed. Only the first failure of a row is told. */
  failed(failure: StoreFailure): void {
    if (this.#failing === undefined) this.#listener?.writing?.(failure);
    this.#failing = failure.message;
  }
}
