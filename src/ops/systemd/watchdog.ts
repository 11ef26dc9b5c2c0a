// The service manager's watchdog (sd_watchdog_enabled(3)): the manager restarts a daemon that stays silent for a given
// time. Twice in that time the daemon probes its store, and reports that it is alive if the store answers. So the
// manager notices a store that hangs as well as an event loop that hangs.

/** The longest time that a timer can be set to, in milliseconds. */
const maxMilliseconds = 2 ** 31 - 1;

/** Checks the daemon at the manager's pace, and reports each check that succeeded in time. */
export class Watchdog {
  readonly #isHealthy: () => Promise<boolean>;
  readonly #onAlive: () => void;
  readonly #timer: NodeJS.Timeout;
  /** How often the timer has fired. */
  #ticks = 0;
  #isChecking = false;

  private constructor(milliseconds: number, isHealthy: () => Promise<boolean>, onAlive: () => void) {
    this.#isHealthy = isHealthy;
    this.#onAlive = onAlive;
    this.#timer = setInterval(() => void this.ask(), Math.min(milliseconds, maxMilliseconds)).unref();
  }

  /**
   * Starts the checks at once. Returns undefined if no manager watches this process. Removes WATCHDOG_USEC and
   * WATCHDOG_PID from `env`. A rejection of `isHealthy` counts as false. `onAlive` is called for each true that came
   * before the next check was due.
   */
  static fromEnvironment(
    env: NodeJS.ProcessEnv,
    isHealthy: () => Promise<boolean>,
    onAlive: () => void,
  ): Watchdog | undefined {
    const { WATCHDOG_USEC: limit, WATCHDOG_PID: pid } = env;
    delete env['WATCHDOG_USEC'];
    delete env['WATCHDOG_PID'];
    const microseconds = Number(limit ?? 0);
    if (!Number.isSafeInteger(microseconds) || microseconds <= 0) return undefined;
    if (pid !== undefined && pid !== String(process.pid)) return undefined;
    return new Watchdog(microseconds / 2 / 1000, isHealthy, onAlive);
  }

  /** Checks once; the timer calls this. Does nothing while a check has no answer, so that no checks pile up. */
  async ask(): Promise<void> {
    this.#ticks += 1;
    if (this.#isChecking) return;
    const tick = this.#ticks;
    this.#isChecking = true;
    const healthy = await this.#isHealthy().catch(() => false);
    this.#isChecking = false;
    if (healthy && tick === this.#ticks) this.#onAlive();
  }

  /** Stops checking. */
  close(): void {
    clearInterval(this.#timer);
  }
}
