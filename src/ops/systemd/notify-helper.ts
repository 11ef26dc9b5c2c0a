// The process that runs systemd-notify(1) for each message to the service manager: a shell that reads messages from a
// pipe. The daemon does not start a child for each message itself, because to copy its tables of memory then takes the
// event loop 10 ms or more. The helper is started while the daemon's memory is small, and ends when the daemon does.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/** Separates the assignments of a message. A message is a line. */
const separator = '\x1f';

/**
 * Answers each line with the status of systemd-notify and what it said, up to a null character. Signals to the daemon's
 * process group are not for the helper: it has to send the last messages.
 */
const script = `trap '' INT TERM HUP
set -f
IFS='${separator}'
while read -r line; do
  said=$(systemd-notify $line 2>&1)
  printf '%s %s\\0' "$?" "$said"
done`;

/** Sends messages, one at a time. The helper is started again with the next message if it has died. */
export class NotifyHelper {
  readonly #env: NodeJS.ProcessEnv;
  readonly #milliseconds: number;
  #child: ChildProcess | undefined;
  /** What the helper has said since the last message. */
  #said = '';
  /** Settles the message that is under way. */
  #settle: ((error?: Error) => void) | undefined;

  /**
   * Starts the helper.
   * @param env its environment, with NOTIFY_SOCKET and PATH
   * @param milliseconds for which a message may be under way; then the helper is killed
   */
  constructor(env: NodeJS.ProcessEnv, milliseconds: number) {
    this.#env = env;
    this.#milliseconds = milliseconds;
    this.#start();
  }

  /** Sends a message of some assignments. Rejects if the manager has not taken it. One call at a time. */
  async send(assignments: readonly string[]): Promise<void> {
    const child = this.#child ?? this.#start();
    this.#said = '';
    child.ref();
    let limit: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = (error) => (error === undefined ? resolve() : reject(error));
        limit = setTimeout(
          () => this.#fail(child, new Error('systemd-notify did not end in time')),
          this.#milliseconds,
        );
        // Line feeds and separators are no part of an assignment.
        const fields = assignments.map((each) => each.replace(/[\n\r\0\x1f]/g, ' '));
        child.stdin?.write(`${fields.join(separator)}\n`);
      });
    } finally {
      clearTimeout(limit);
      this.#settle = undefined;
      child.unref();
    }
  }

  #start(): ChildProcess {
    const child = spawn('/bin/sh', ['-c', script], { env: this.#env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child = child;
    const fail = (error: Error): void => this.#fail(child, error);
    child.on('error', fail).on('exit', () => fail(new Error('the helper that runs systemd-notify has ended')));
    child.stdin.on('error', fail);
    child.stdout.setEncoding('utf8').on('error', fail);
    child.stdout.on('data', (more: string) => this.#read(more));
    // The daemon ends without waiting for it, unless a message is under way.
    child.unref();
    for (const stream of [child.stdin, child.stdout]) (stream as Partial<Socket>).unref?.();
    return child;
  }

  #read(more: string): void {
    this.#said += more;
    const end = this.#said.indexOf('\0');
    if (end === -1) return;
    const [, status = '', text = ''] = /^(\d+) (.*)$/s.exec(this.#said.slice(0, end)) ?? [];
    if (status === '0') this.#settle?.();
    else this.#settle?.(new Error(`systemd-notify failed with status ${status}: ${text}`));
  }

  /** Forgets a helper that can't be used any more. */
  #fail(child: ChildProcess, error: Error): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    child.kill('SIGKILL');
    this.#settle?.(error);
  }
}
