// Gives each batch the time of the machine's clock, but never an earlier time than a message before it has (PROTOCOL.md
// §4.1). After the clock was ahead, times stand still until it has caught up, or until an operator resets them.

/** The clock may be behind the newest message by this many milliseconds without a report: NTP makes such steps. */
const toleratedBehind = 5000;

/** Gives batches their times. All times are in milliseconds since 1970. */
export class MessageClock {
  /** No message gets an earlier time. */
  #newest: number;
  #told = false;
  readonly #onBehind: (milliseconds: number, newest: number) => void;

  /**
   * @param newest the time of the newest message in the log
   * @param onBehind is called once when the clock has fallen behind, and again when it falls behind after catching up
   */
  constructor(newest: number, onBehind: (milliseconds: number, newest: number) => void) {
    this.#newest = newest;
    this.#onBehind = onBehind;
  }

  /** Milliseconds by which the machine's clock is behind. */
  get behind(): number {
    return Math.max(0, this.#newest - Date.now());
  }

  /** Answers the time for messages that are stored now. */
  next(): number {
    this.watch();
    return Math.max(this.#newest, Date.now());
  }

  /** Records that messages with that time are stored: no later message gets an earlier time. */
  stored(time: number): void {
    this.#newest = time;
  }

  /** Records that another writer stored a message with that time: no later message gets an earlier time. */
  seen(time: number): void {
    this.#newest = Math.max(this.#newest, time);
  }

  /** Lets times follow the machine's clock again. Answers the milliseconds by which they go back. */
  reset(): number {
    const back = this.behind;
    this.#newest = 0;
    this.#told = false;
    return back;
  }

  /** Reports that the clock has fallen behind, if it has since it was last right. */
  watch(): void {
    const { behind } = this;
    if (behind === 0) this.#told = false;
    if (behind <= toleratedBehind || this.#told) return;
    this.#told = true;
    this.#onBehind(behind, this.#newest);
  }
}
