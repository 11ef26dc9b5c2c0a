// Makes the text of /metrics. That blocks the event loop for some milliseconds, so whoever asks often gets a text that
// was made before.
import { Throttle } from '../accounts/throttle.js';

/** The most texts that are made in a row, and in a minute. Prometheus asks every 15 seconds. */
const most = { burst: 10, perMinute: 300 } as const;

/** The text of /metrics. */
export class MetricsText {
  readonly #make: () => Promise<string>;
  readonly #throttle = new Throttle(most.burst, most.perMinute);
  #last: Promise<string> | undefined;

  constructor(make: () => Promise<string>) {
    this.#make = make;
  }

  /**
   * Fulfils with a text that is made now, or with the last one if too many were made lately. Rejects if the text can't
   * be made.
   * @param now milliseconds of the monotonic clock
   */
  read(now: number): Promise<string> {
    if (this.#throttle.take('', now) === 0 || this.#last === undefined) this.#last = this.#make();
    return this.#last;
  }
}
