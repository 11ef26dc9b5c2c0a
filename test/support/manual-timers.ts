// Timers of the process that pass when a test says so: what is tried again later is tried without a wait.

/** A timeout that runs. */
interface Timeout {
  readonly act: () => void;
  readonly at: number;
  readonly milliseconds: number;
  isUnreferenced: boolean;
  unref(): Timeout;
}

/** Replaces `setTimeout` and `clearTimeout` until the test ends. */
export class ManualTimers {
  #now = 0;
  readonly #running = new Set<Timeout>();

  constructor(t: { intercept(object: object, name: string, descriptor: PropertyDescriptor): unknown }) {
    const { clearTimeout: clearReal } = globalThis;
    const running = this.#running;
    const start = (act: () => void, milliseconds = 0): Timeout => {
      const timeout: Timeout = {
        act,
        at: this.#now + milliseconds,
        milliseconds,
        isUnreferenced: false,
        unref: () => {
          timeout.isUnreferenced = true;
          return timeout;
        },
      };
      running.add(timeout);
      return timeout;
    };
    const clear = (timeout: unknown): void => {
      // Others than the test may use the process's timers beside it.
      if (!running.delete(timeout as Timeout)) clearReal(timeout as NodeJS.Timeout);
    };
    t.intercept(globalThis, 'setTimeout', { value: start });
    t.intercept(globalThis, 'clearTimeout', { value: clear });
  }

  /** The milliseconds of those that run and do not keep the process alive, in the order in which they were started. */
  get running(): readonly number[] {
    return [...this.#running].filter((each) => each.isUnreferenced).map(({ milliseconds }) => milliseconds);
  }

  /** Lets that many milliseconds pass, and what follows from the timers that are due in this turn. */
  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    for (const each of [...this.#running]) {
      if (each.at > this.#now || !this.#running.delete(each)) continue;
      each.act();
    }
    await new Promise(setImmediate);
  }
}
