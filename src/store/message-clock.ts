// The time of a batch: that of the machine's clock, but never an earlier one than that of a message before it (PROTOCOL.md
// §4.1). A clock that was ahead once holds the time until it has caught up, or until an operator resets it.

/** A clock that is behind the newest message by no more milliseconds is not reported: NTP makes such steps. */
const toleratedBehind = 5000;

/** Gives batches their times. All times are in milliseconds since 1970. */
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

  /** Messages with that time are stored: no later one gets an earlier time. */
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

  /** Reports where the clock has fallen behind since the last report. */
  watch(): void {
    const { behind } = this;
    if (behind === 0) this.#told = false;
    if (behind <= toleratedBehind || this.#told) return;
    this.#told = true;
    this.#onBehind(behind, this.#newest);
  }
}
