// Makes the text of /metrics. It takes some milliseconds of the event loop's time, so it is not made for everybody who
// asks.
import { Throttle } from '../accounts/throttle.js';

/** How many texts are made at once, and in a minute. Prometheus asks every 15 seconds. */
const most = { burst: 10, perMinute: 300 } as const;

/** The text of /metrics. Whoever asks too often gets the text that was made last. */
export class MetricsText {
  readonly #make: () => Promise<string>;
  readonly #throttle = new Throttle(most.burst, most.perMinute);
  #last: Promise<string> | undefined;

  constructor(make: () => Promise<string>) {
    this.#make = make;
  }

  /** Returns the text, made now if it was not made too often lately. @param now the monotonic clock in milliseconds */
  read(now: number): Promise<string> {
    if (this.#throttle.take('', now) === 0 || this.#last === undefined) this.#last = this.#make();
    return this.#last;
  }
}
