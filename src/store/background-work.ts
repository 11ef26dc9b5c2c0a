// Work in the background, step by step with rests in between, until it is stopped.

/** Runs the work once, and rests for it. */
export class BackgroundWork {
  #isStopped = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;

  /** Whether the work is to stop: no further step begins. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Starts the work, unless it has been started. @param run ends soon after `isStopped` */
  start(run: () => Promise<void>): void {
    this.#running ??= run();
  }

  /** Ends the rest that is under way, and all later ones at once. Fulfils when the work has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake?.();
    await this.#running;
  }

  /** Fulfils after so many milliseconds, or when the work is to stop. One rest at a time. */
  rest(milliseconds: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
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
}
