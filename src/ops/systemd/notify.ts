// What the service manager is told of the daemon (sd_notify(3)): that it is ready, reads its settings again, stops, is alive.
// Node.js has no Unix datagram sockets, so a child does it, systemd-notify(1), which ends when the manager has taken the message.
// The manager listens to it where the unit has NotifyAccess=all.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** systemd-notify waits five seconds for the manager. */
const childMilliseconds = 10_000;

const run = promisify(execFile);

/** Tells the manager, one child at a time, in order. No method waits or throws. */
export class ServiceNotifier {
  readonly #env: NodeJS.ProcessEnv;
  readonly #onFailure: (error: unknown) => void;
  /** Changes of state not told yet, a message each: of several in one message the manager takes the last alone. */
  readonly #changes: (readonly string[])[] = [];
  #status = '';
  #statusTold = '';
  /** Whether WATCHDOG=1 is still to be told. */
  #alive = false;
  /** Runs while there is something to tell. */
  #telling: Promise<void> | undefined;
  #failed = false;

  private constructor(env: NodeJS.ProcessEnv, onFailure: (error: unknown) => void) {
    this.#env = env;
    this.#onFailure = onFailure;
  }

  /**
   * Undefined where no manager wants to be told. Takes NOTIFY_SOCKET out of `env`: with NotifyAccess=all every process that
   * knows it could speak for the daemon. `onFailure` is called for the first message that could not be sent, and no other.
   */
  static fromEnvironment(env: NodeJS.ProcessEnv, onFailure: (error: unknown) => void): ServiceNotifier | undefined {
    const { NOTIFY_SOCKET: socket, PATH: path } = env;
    delete env['NOTIFY_SOCKET'];
    return socket ? new ServiceNotifier({ NOTIFY_SOCKET: socket, PATH: path }, onFailure) : undefined;
  }

  /** The daemon has started, or has read its settings again. `status` is one line for people, here and below. */
  ready(status: string): void {
    this.#change(['READY=1', `MAINPID=${process.pid}`], status);
  }

  /** The daemon reads its settings again; `ready` has to follow, whatever came of it. */
  reloading(): void {
    // The manager compares microseconds of CLOCK_MONOTONIC, which is what hrtime counts.
    this.#change(['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`], this.#status);
  }

  stopping(status: string): void {
    this.#change(['STOPPING=1'], status);
  }

  /** Costs nothing where nothing has changed. One that is overtaken by the next is not told. */
  status(status: string): void {
    this.#status = status;
    this.#startTelling();
  }

  /** The daemon is alive, for the manager's watchdog. */
  alive(): void {
    this.#alive = true;
    this.#startTelling();
  }

  #change(assignments: readonly string[], status: string): void {
    this.#changes.push(assignments);
    this.status(status);
  }

  /**
   * Fulfils when the manager has been told everything, or after so many milliseconds. A process that exits before that
   * would take its last messages along.
   */
  async told(milliseconds: number): Promise<void> {
    await Promise.race([this.#telling, sleep(milliseconds, undefined, { ref: false })]);
  }

  #startTelling(): void {
    this.#telling ??= this.#tell();
  }

  async #tell(): Promise<void> {
    // What is said in one go leaves together: a child costs the event loop milliseconds, and more the more memory there is.
    await Promise.resolve();
    for (let message = this.#next(); message.length > 0; message = this.#next()) {
      try {
        await run('systemd-notify', message, { env: this.#env, timeout: childMilliseconds });
      } catch (error) {
        if (!this.#failed) this.#onFailure(error);
        this.#failed = true;
      }
    }
    this.#telling = undefined;
  }

  /** All that can be told at once; nothing where all is told. */
  #next(): string[] {
    const message = [...(this.#changes.shift() ?? [])];
    if (this.#status !== this.#statusTold) message.push(`STATUS=${this.#status}`);
    if (this.#alive) message.push('WATCHDOG=1');
    this.#statusTold = this.#status;
    this.#alive = false;
    return message;
  }
}
