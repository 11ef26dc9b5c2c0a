// A clock that a test moves, so that it need not wait: performance.now(), setTimeout and clearTimeout go by it.
import { setImmediate as turn } from 'node:timers/promises';

/** How many turns of the event loop a timer's work may take, in which no time passes. */
const fewTurns = 100;

/** The part of tap's test that is needed here. */
interface Intercepting {
  intercept(object: object, name: string, descriptor: PropertyDescriptor): unknown;
}

interface Timer {
  readonly due: number;
  readonly pause: number;
  readonly run: () => void;
  isUnreferenced: boolean;
  unref(): Timer;
}

/** Time that stands still until the test lets it pass. */
export class TestClock {
  #now = 1_000_000;
  readonly #timers = new Set<Timer>();
  /** The pause of every timer that was started, in milliseconds. */
  readonly pauses: number[] = [];

  /**
   * Replaces performance.now(), setTimeout and clearTimeout until the test ends. The promises of node:timers are not
   * replaced.
   */
  constructor(test: Intercepting) {
    const { clearTimeout: clearReal } = globalThis;
    test.intercept(performance, 'now', { value: () => this.#now });
    test.intercept(globalThis, 'setTimeout', { value: (run: () => void, pause = 0) => this.#start(run, pause) });
    test.intercept(globalThis, 'clearTimeout', {
      value: (timer: unknown) => {
        // Others than the test may use the process's timers beside it.
        if (!this.#timers.delete(timer as Timer)) clearReal(timer as NodeJS.Timeout);
      },
    });
  }

  /** The pauses of the timers that run and do not keep the process alive, in the order in which they were started. */
  get running(): readonly number[] {
    return [...this.#timers].filter((each) => each.isUnreferenced).map(({ pause }) => pause);
  }

  /** Lets time pass in which nothing runs, as for a process that is stopped. What is due is called afterwards. */
  leap(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Lets some milliseconds pass, and calls what is due on the way, in the order of its time. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > end) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.run();
      // What a timer begins may take turns of the event loop, and starts the next timer at its end.
      for (let turns = 0; turns < fewTurns; turns += 1) await turn();
    }
    this.#now = end;
    await turn();
  }

  #start(run: () => void, pause: number): Timer {
    const timer: Timer = {
      due: this.#now + pause,
      pause,
      run,
      isUnreferenced: false,
      unref: () => {
        timer.isUnreferenced = true;
        return timer;
      },
    };
    this.pauses.push(pause);
    this.#timers.add(timer);
    return timer;
  }
}
