// What time a batch gets: the machine's, but never an earlier one than that of a message before it. So a clock that was
// ahead once holds the time until it has caught up, or until an operator lets the time go on from the present.

/** A clock that is behind the newest message by no more than this is not worth a word: NTP steps so; milliseconds. */
const toleratedBehind = 5000;

export class MessageClock {
  /** No message gets an earlier time. */
  #newest: number;
  #told = false;
  readonly #onBehind: (milliseconds: number, newest: number) => void;

  /**
   * @param newest the time of the newest message in the log @param onBehind told once that the clock has fallen behind,
   * and once again when it has caught up and falls behind anew
   */
  constructor(newest: number, onBehind: (milliseconds: number, newest: number) => void) {
    this.#newest = newest;
    this.#onBehind = onBehind;
  }

  /** Milliseconds by which the machine's clock is behind. */
  get behind(): number {
    return Math.max(0, this.#newest - Date.now());
  }

  /** The time for messages that are stored now. */
  next(): number {
    this.watch();
    return Math.max(this.#newest, Date.now());
  }

  /** Messages with that time are stored. One that no message got does not hold. */
  stored(time: number): void {
    this.#newest = time;
  }

  /** Another writer stored a message with that time: a later one here does not get an earlier time. */
  seen(time: number): void {
    this.#newest = Math.max(this.#newest, time);
  }

  /** Lets the time go on from the machine's clock. Answers the milliseconds that it goes back. */
  reset(): number {
    const back = this.behind;
    this.#newest = 0;
    this.#told = false;
    return back;
  }

  watch(): void {
    const { behind } = this;
    if (behind === 0) this.#told = false;
    if (behind <= toleratedBehind || this.#told) return;
    this.#told = true;
    this.#onBehind(behind, this.#newest);
  }
}
