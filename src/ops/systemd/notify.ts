// Tells the service manager that the daemon is ready, reloads, stops or is alive (sd_notify(3)). Node.js has no Unix
// datagram sockets, so a helper process sends each message by systemd-notify(1), which ends when the manager has taken
// the message. The manager accepts messages of that process only if the unit has NotifyAccess=all.
import { setTimeout as sleep } from 'node:timers/promises';
import { NotifyHelper } from './notify-helper.js';

/** Milliseconds that a message may take. systemd-notify itself waits five seconds for the manager. */
const messageMilliseconds = 10_000;

/** Sends messages to the service manager, one at a time, in order. No method but `flush` waits; none throws. */
export class ServiceNotifier {
  readonly #helper: NotifyHelper;
  readonly #onFailure: (error: unknown) => void;
  /** Changes of state to be sent, one message each: from a message with several the manager takes only the last. */
  readonly #changes: (readonly string[])[] = [];
  #status = '';
  #sentStatus = '';
  /** Whether WATCHDOG=1 is still to be sent. */
  #isAlivePending = false;
  /** Settles when everything is sent; undefined while there is nothing to send. */
  #sending: Promise<void> | undefined;
  #hasFailed = false;

  private constructor(env: NodeJS.ProcessEnv, onFailure: (error: unknown) => void) {
    this.#helper = new NotifyHelper(env, messageMilliseconds);
    this.#onFailure = onFailure;
  }

  /**
   * Creates a notifier and starts its helper, or returns undefined if there is no service manager. Removes NOTIFY_SOCKET from `env`, because
   * with NotifyAccess=all every process that knows it could speak for the daemon. `onFailure` is called only for the
   * first message that could not be sent.
   */
  static fromEnvironment(env: NodeJS.ProcessEnv, onFailure: (error: unknown) => void): ServiceNotifier | undefined {
    const { NOTIFY_SOCKET: socket, PATH: path } = env;
    delete env['NOTIFY_SOCKET'];
    return socket ? new ServiceNotifier({ NOTIFY_SOCKET: socket, PATH: path }, onFailure) : undefined;
  }

  /**
   * Reports that the daemon has started or has reloaded its settings. `status` is one line for people, here and below.
   */
  ready(status: string): void {
    this.#change(['READY=1', `MAINPID=${process.pid}`], status);
  }

  /** Reports that the daemon reloads its settings. `ready` has to follow, even if the reload fails. */
  reloading(): void {
    // The manager compares microseconds of CLOCK_MONOTONIC, which is what hrtime counts.
    this.#change(['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`], this.#status);
  }

  /** Reports that the daemon stops. */
  stopping(status: string): void {
    this.#change(['STOPPING=1'], status);
  }

  /** Replaces the status. Sends nothing if it is the same. A status replaced before it was sent is never sent. */
  status(status: string): void {
    this.#status = status;
    this.#startSending();
  }

  /** Reports that the daemon is alive, for the manager's watchdog. */
  alive(): void {
    this.#isAlivePending = true;
    this.#startSending();
  }

  #change(assignments: readonly string[], status: string): void {
    this.#changes.push(assignments);
    this.status(status);
  }

  /**
   * Fulfils when the manager has taken all messages, or after so many milliseconds. An earlier exit would lose some.
   */
  async flush(milliseconds: number): Promise<void> {
    await Promise.race([this.#sending, sleep(milliseconds, undefined, { ref: false })]);
  }

  #startSending(): void {
    this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    // Calls of the same turn share one message.
    await Promise.resolve();
    for (let message = this.#takeMessage(); message.length > 0; message = this.#takeMessage()) {
      try {
        await this.#helper.send(message);
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
