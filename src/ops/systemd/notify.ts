// Tells the service manager about the daemon (sd_notify(3)): that it is ready, reloads, stops, is alive. Node.js has no
// Unix datagram sockets, so a child process sends each message, systemd-notify(1), which ends when the manager has
// taken it. The manager listens to that child only where the unit has NotifyAccess=all.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Milliseconds that a child may take. systemd-notify itself waits five seconds for the manager. */
const childMilliseconds = 10_000;

const run = promisify(execFile);

/** Sends messages to the service manager, one child at a time, in order. Methods but `flush` neither wait nor throw. */
export class ServiceNotifier {
  readonly #env: NodeJS.ProcessEnv;
  readonly #onFailure: (error: unknown) => void;
  /**
   * Changes of state that are not sent yet, one message each: of several in one message the manager takes only the
   * last.
   */
  readonly #changes: (readonly string[])[] = [];
  #status = '';
  #sentStatus = '';
  /** Whether WATCHDOG=1 is still to be sent. */
  #isAlivePending = false;
  /** Runs while there is something to send. */
  #sending: Promise<void> | undefined;
  #hasFailed = false;

  private constructor(env: NodeJS.ProcessEnv, onFailure: (error: unknown) => void) {
    this.#env = env;
    this.#onFailure = onFailure;
  }

  /**
   * Creates a notifier, or returns undefined if there is no service manager. Takes NOTIFY_SOCKET out of `env`: with
   * NotifyAccess=all every process that knows it could speak for the daemon. `onFailure` is called for the first
   * message that could not be sent, and for no other.
   */
  static fromEnvironment(env: NodeJS.ProcessEnv, onFailure: (error: unknown) => void): ServiceNotifier | undefined {
    const { NOTIFY_SOCKET: socket, PATH: path } = env;
    delete env['NOTIFY_SOCKET'];
    return socket ? new ServiceNotifier({ NOTIFY_SOCKET: socket, PATH: path }, onFailure) : undefined;
  }

  /** The daemon has started, or has reloaded its settings. `status` is one line for people, here and below. */
  ready(status: string): void {
    this.#change(['READY=1', `MAINPID=${process.pid}`], status);
  }

  /** The daemon reloads its settings. `ready` has to follow, whatever came of it. */
  reloading(): void {
    // The manager compares microseconds of CLOCK_MONOTONIC, which is what hrtime counts.
    this.#change(['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`], this.#status);
  }

  /** The daemon stops. */
  stopping(status: string): void {
    this.#change(['STOPPING=1'], status);
  }

  /** Replaces the status. Costs nothing if it is the same. One that is replaced before it was sent is never sent. */
  status(status: string): void {
    this.#status = status;
    this.#startSending();
  }

  /** The daemon is alive, for the manager's watchdog. */
  alive(): void {
    this.#isAlivePending = true;
    this.#startSending();
  }

  #change(assignments: readonly string[], status: string): void {
    this.#changes.push(assignments);
    this.status(status);
  }

  /**
   * Fulfils when the manager has taken everything, or after so many milliseconds. The last messages of a process that
   * exits before would be lost.
   */
  async flush(milliseconds: number): Promise<void> {
    await Promise.race([this.#sending, sleep(milliseconds, undefined, { ref: false })]);
  }

  #startSending(): void {
    this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    // Calls in one go leave in one message: a child costs the event loop milliseconds, and more with more memory.
    await Promise.resolve();
    for (let message = this.#takeMessage(); message.length > 0; message = this.#takeMessage()) {
      try {
        await run('systemd-notify', message, { env: this.#env, timeout: childMilliseconds });
      } catch (error) {
        if (!this.#hasFailed) this.#onFailure(error);
        this.#hasFailed = true;
      }
    }
    this.#sending = undefined;
  }

  /** Removes and returns everything that one message can carry; nothing if all is sent. */
  #takeMessage(): string[] {
    const message = [...(this.#changes.shift() ?? [])];
    if (this.#status !== this.#sentStatus) message.push(`STATUS=${this.#status}`);
    if (this.#isAlivePending) message.push('WATCHDOG=1');
    this.#sentStatus = this.#status;
    this.#isAlivePending = false;
    return message;
  }
}
