// Reports the daemon's state to the service manager: at the pace of its watchdog or, without one, once a minute.
import type { ServiceNotifier } from '../ops/systemd/notify.js';
import { Watchdog } from '../ops/systemd/watchdog.js';
import type { DaemonStatus } from './status.js';

/** Milliseconds between two reports to a service manager without a watchdog. */
const reportMilliseconds = 60_000;

/** Reports the daemon's state, in one line, to the service manager. Does nothing if there is no service manager. */
export class ServiceReports {
  readonly #notifier: ServiceNotifier | undefined;
  readonly #status: DaemonStatus;
  readonly #state: () => string;
  #watchdog: Watchdog | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param state tells what the daemon does, in one word */
  constructor(notifier: ServiceNotifier | undefined, status: DaemonStatus, state: () => string) {
    this.#notifier = notifier;
    this.#status = status;
    this.#state = state;
  }

  /** Reports that the daemon is ready, and then its state regularly. Removes the watchdog's variables from `env`. */
  start(env: NodeJS.ProcessEnv): void {
    const notifier = this.#notifier;
    if (notifier === undefined) return;
    notifier.ready(this.#line());
    this.#watchdog = Watchdog.fromEnvironment(
      env,
      () => this.#status.health.answers(),
      () => {
        // The notifier sends the two in one message, because each message costs some milliseconds.
        notifier.status(this.#line());
        notifier.alive();
      },
    );
    if (this.#watchdog === undefined) this.#timer = setInterval(() => this.report(), reportMilliseconds).unref();
  }

  /** Reports the state now. */
  report(): void {
    this.#notifier?.status(this.#line());
  }

  /** Reports that the settings are read again. `reloaded` has to follow, even if the reload fails. */
  reloading(): void {
    this.#notifier?.reloading();
  }

  /** Reports that the daemon is ready again. */
  reloaded(): void {
    this.#notifier?.ready(this.#line());
  }

  /** Reports that the daemon stops. */
  stopping(): void {
    this.#notifier?.stopping(this.#line());
  }

  /** Stops the regular reports. Fulfils when all reports were delivered, or after so many milliseconds. */
  async close(milliseconds: number): Promise<void> {
    this.#watchdog?.close();
    clearInterval(this.#timer);
    await this.#notifier?.flush(milliseconds);
  }

  #line(): string {
    const { sessions, users, rooms } = this.#status.counts();
    const { failing } = this.#status.writing();
    const problem = failing === undefined ? '' : `; nothing can be stored: ${failing}`;
    return `${this.#state()}: ${sessions} sessions, ${users} of users, ${rooms} rooms${problem}`;
  }
}
