// Counts how many messages the index of what was said has not got yet. Runs are counted ahead of the index, some
// thousand at each look, so that no look takes long, however many were stored.
import type { SourceState } from './search-source.js';

/** While messages were stored within so many milliseconds, those who send them should have the processor. */
const busyMilliseconds = 1500;

/** How far the index is behind. */
export class SearchLag {
  /** The position of the index. */
  #seq = -1;
  /** The run up to which messages were counted, and how many there are from the position to there. */
  #counted = 0;
  #messages = 0;
  #newest: number | undefined;
  #moved = -Infinity;
  /** When the oldest message was stored that is not in the index; undefined where all are. */
  since: number | undefined;

  /** How many messages are not in the index. Where not all runs were counted yet, there may be more. */
  get messages(): number {
    // A run has one message at least.
    return this.#messages + Math.max(0, (this.#newest ?? 0) - this.#counted);
  }

  /** Whether messages were stored lately. */
  get isBusy(): boolean {
    return performance.now() - this.#moved < busyMilliseconds;
  }

  /** The run behind which messages are to be counted, where the index is at the run `seq`. */
  countFrom(seq: number): number {
    if (seq !== this.#seq) this.#begin(seq);
    return this.#counted;
  }

  /** Takes note of what the database has behind the position. */
  saw({ newest, time, counted }: SourceState): void {
    if (this.#newest !== undefined && newest !== this.#newest) this.#moved = performance.now();
    this.#newest = newest;
    this.since = time;
    if (counted !== undefined) {
      this.#counted = counted.seq;
      this.#messages += counted.messages;
    }
    // Runs that were removed before the index came to them are counted no longer.
    if (time === undefined) this.#begin(newest);
  }

  /** Takes note that the index has taken so many messages, up to the run `seq`. */
  took(seq: number, messages: number): void {
    this.#seq = seq;
    this.#messages = Math.max(0, this.#messages - messages);
    this.#counted = Math.max(this.#counted, seq);
  }

  #begin(seq: number): void {
    this.#seq = seq;
    this.#counted = seq;
    this.#messages = 0;
  }
}
