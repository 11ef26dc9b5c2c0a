// So long for something, the same time for all: whoever began first is out of time first, so one timer does for thousands,
// and one who keeps its time leaves nothing behind. Milliseconds of the monotonic clock.

export class Deadline<Item extends object> {
  readonly #milliseconds: number;
  readonly #onEnd: (item: Item) => void;
  /** When each is out of time, in that order. */
  readonly #ends = new Map<Item, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, onEnd: (item: Item) => void) {
    this.#milliseconds = milliseconds;
    this.#onEnd = onEnd;
  }

  /** The item's time begins, unless it runs already. */
  begin(item: Item): void {
    if (this.#ends.has(item)) return;
    this.#ends.set(item, performance.now() + this.#milliseconds);
    this.#timer ??= setTimeout(() => this.#look(), this.#milliseconds).unref();
  }

  /** The item has kept its time, if one ran. */
  keep(item: Item): void {
    this.#ends.delete(item);
  }

  #look(): void {
    this.#timer = undefined;
    for (const [item, end] of this.#ends) {
      const left = end - performance.now();
      if (left > 0) {
        this.#timer ??= setTimeout(() => this.#look(), Math.ceil(left)).unref();
        return;
      }
      this.#ends.delete(item);
      this.#onEnd(item);
    }
  }
}
