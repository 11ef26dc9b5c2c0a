// The manager's watchdog (sd_watchdog_enabled(3)): it ends and restarts a daemon that it has not heard from for a time it names.
// Half of that apart the daemon asks its store, and is alive if that answers: so neither a store nor an event loop that hangs is.

/** The longest that a timer can be set to. */
const maxMilliseconds = 2 ** 31 - 1;

export class Watchdog {
  readonly #healthy: () => Promise<boolean>;
  readonly #alive: () => void;
  readonly #timer: NodeJS.Timeout;
  /** How often it has been time to ask. */
  #times = 0;
  #asking = false;

  private constructor(milliseconds: number, healthy: () => Promise<boolean>, alive: () => void) {
    this.#healthy = healthy;
    this.#alive = alive;
    this.#timer = setInterval(() => void this.ask(), Math.min(milliseconds, maxMilliseconds)).unref();
  }

  /**
   * Begins at once; undefined where no manager watches this process. Takes WATCHDOG_USEC and WATCHDOG_PID out of `env`.
   * `healthy` may reject, which is a no; `alive` is called for each yes that came before it was time to ask again.
   */
  static fromEnvironment(
    env: NodeJS.ProcessEnv,
    healthy: () => Promise<boolean>,
    alive: () => void,
  ): Watchdog | undefined {
    const { WATCHDOG_USEC: limit, WATCHDOG_PID: pid } = env;
    delete env['WATCHDOG_USEC'];
    delete env['WATCHDOG_PID'];
    const microseconds = Number(limit ?? 0);
    if (!Number.isSafeInteger(microseconds) || microseconds <= 0) return undefined;
    if (pid !== undefined && pid !== String(process.pid)) return undefined;
    return new Watchdog(microseconds / 2 / 1000, healthy, alive);
  }

  /** What the timer does. A question that has no answer yet is not asked twice: what hangs gets no queue. */
  async ask(): Promise<void> {
    this.#times += 1;
    if (this.#asking) return;
    const time = this.#times;
    this.#asking = true;
    const healthy = await this.#healthy().catch(() => false);
    this.#asking = false;
    if (healthy && time === this.#times) this.#alive();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
