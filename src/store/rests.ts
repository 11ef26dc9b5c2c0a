// The rests of what works in the background, step by step, until it is stopped.

/** Rests one at a time, and is woken when the work is to stop. */
export class Rests {
  #isOver = false;
  #wake: (() => void) | undefined;

  /** Whether there are no more rests, and no more steps. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Fulfils after so many milliseconds, or when the rests are over. */
  rest(milliseconds: number): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, milliseconds).unref();
      this.#wake = end;
    });
  }

  /** Ends the rest that is under way, and all later ones at once. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }
}
