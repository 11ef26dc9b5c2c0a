// A connection to the daemon's control socket, for requests and their replies.
import { once } from 'node:events';
import { statSync, type Stats } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { linesOf, parseLine, type ControlLine } from './control-lines.js';
import { Unreachable } from './errors.js';
import { duration } from './units.js';

/** A reply or an event of the daemon. */
export type { ControlLine };

/** The longest path of a Unix socket on Linux, in bytes. */
const longestPath = 107;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket. Is the daemon running?',
  ECONNREFUSED: 'nobody listens there. Is the daemon running?',
  EACCES: "you may not open it. Be root, the daemon's user, or in the daemon's group.",
  EPERM: "you may not open it. Be root, the daemon's user, or in the daemon's group.",
  ENOTDIR: 'a part of this path is a file, not a folder.',
  ELOOP: 'this path is a symbolic link to itself.',
  EAGAIN: 'too many programs wait to be let in. The daemon may be stopped or overloaded.',
  EPROTOTYPE: 'this is a socket of another kind: not that of a daemon.',
};

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  return found.isFile() ? 'a file' : 'no socket';
}

/** Says what is wrong with the path of a socket; undefined if no problem is found. */
function wrongPath(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes > longestPath)
    return `a socket's path has ${longestPath} bytes at most, and this has ${bytes}. Use a shorter or a relative path.`;
  try {
    const found = statSync(path);
    return found.isSocket() ? undefined : `this is ${kindOf(found)}, not the daemon's control socket.`;
  } catch {
    // `connect` fails too, and its error says why.
    return undefined;
  }
}

/** A connection to a daemon. It can carry several requests, one after the other. */
export class ControlConnection {
  readonly #path: string;
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string, undefined>;
  readonly #limit: number;

  private constructor(path: string, socket: Socket, limit: number) {
    this.#path = path;
    this.#socket = socket;
    this.#limit = limit;
    this.#lines = linesOf(socket);
  }

  /**
   * Connects. Rejects with Unreachable.
   * @param limit seconds to wait for the connection, and then for each line; 0 for no limit
   */
  static async open(path: string, limit: number): Promise<ControlConnection> {
    const wrong = wrongPath(path);
    if (wrong !== undefined) throw new Unreachable(`${path}: ${wrong}`);
    // `connect(path)` would take a number for a port.
    const socket = connect({ path });
    try {
      await within(once(socket, 'connect'), limit);
    } catch (error) {
      socket.on('error', () => undefined).destroy();
      const { code = '', message } = error as NodeJS.ErrnoException;
      throw new Unreachable(`${path}: ${reasons[code] ?? message}`);
    }
    socket.on('error', () => undefined);
    return new ControlConnection(path, socket, limit);
  }

  /**
   * Sends a request and fulfils with its reply. Events before the reply go to `onEvent`, in order, the next one when it
   * has fulfilled. Rejects with Unreachable, and as `onEvent` does.
   */
  async ask(
    request: object,
    onEvent: (event: ControlLine) => void | Promise<void> = () => undefined,
  ): Promise<ControlLine> {
    this.#socket.write(`${JSON.stringify(request)}\n`);
    for (;;) {
      const line = await this.#next();
      if (line.code < 100) return line;
      if (line.code === 199) throw new Unreachable(`the daemon closed the connection: ${String(line.body['reason'])}`);
      await onEvent(line);
    }
  }

  async #next(): Promise<ControlLine> {
    try {
      const line = await within(this.#lines.next(), this.#limit);
      if (line.done === true) throw new Unreachable('the daemon closed the connection before it answered.');
      return parseLine(line.value);
    } catch (error) {
      this.#socket.destroy();
      const { message } = error as Error;
      const because = error instanceof Unreachable ? message : `the connection broke before an answer: ${message}`;
      throw new Unreachable(`${this.#path}: ${because}`);
    }
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.destroy();
  }
}

/** Settles as the promise does, or rejects with Unreachable after `limit` seconds. 0 is no limit. */
async function within<Value>(promise: Promise<Value>, limit: number): Promise<Value> {
  if (limit === 0) return promise;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // A timeout longer than 2^31 - 1 ms would fire at once.
    timer = setTimeout(
      () =>
        reject(
          new Unreachable(
            `the daemon has sent nothing for ${duration(limit)}. It may be stopped or overloaded. ` +
              'A larger --timeout waits longer.',
          ),
        ),
      Math.min(limit * 1000, 2 ** 31 - 1),
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
