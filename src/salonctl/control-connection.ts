// A connection to the daemon's control socket: a request, and its reply.
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { duration } from './units.js';

/** What the daemon answered, or an event of it. */
export interface ControlLine {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The daemon can't be asked, or does not answer; the message says why. */
export class Unreachable extends Error {}

/** The longest path of a Unix socket on Linux. */
const longestPath = 107;

/** The longest line that is waited for: a list of a thousand items is below it. */
const longestLine = 16 * 1024 * 1024;

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

/** What is wrong with a path before it is tried; undefined where nothing is. */
function wrongPath(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes > longestPath) return `a socket's path has ${longestPath} bytes at most, and this has ${bytes}. Name it from another working directory.`;
  try {
    const found = statSync(path);
    return found.isSocket() ? undefined : `this is ${found.isDirectory() ? 'a folder' : found.isFile() ? 'a file' : 'no socket'}, not the daemon's control socket.`;
  } catch {
    // Connecting says why.
    return undefined;
  }
}

/** Cut for a message. */
function start(text: string): string {
  const shown = text.slice(0, 40);
  return JSON.stringify(shown === text ? text : `${shown}…`);
}

/** The lines that come, without their ends. A line feed alone ends one: JSON may have other separators in its strings. */
async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, end));
      from = end + 1;
      const line = Buffer.concat(parts).toString();
      parts = [];
      length = 0;
      yield line;
    }
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > longestLine) throw new Unreachable(`it sends a line of more than ${longestLine / 1024 / 1024} MiB: it is not salond.`);
  }
}

function parsed(line: string): ControlLine {
  const [, code, json] = /^([1-9]\d{0,2})\t(\{.*\})\r?$/s.exec(line) ?? [];
  try {
    if (json !== undefined) return { code: Number(code), body: JSON.parse(json) as ControlLine['body'] };
  } catch {
    // Said below.
  }
  throw new Unreachable(`it answers ${start(line)}: it is not salond's control socket.`);
}

export class ControlConnection {
  readonly #path: string;
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;
  readonly #limit: number;

  private constructor(path: string, socket: Socket, limit: number) {
    this.#path = path;
    this.#socket = socket;
    this.#limit = limit;
    this.#lines = linesOf(socket);
  }

  /**
   * Rejects with Unreachable.
   * @param limit seconds to wait for the daemon, for the connection and then for each line; 0 for no limit
   */
  static async open(path: string, limit: number): Promise<ControlConnection> {
    const wrong = wrongPath(path);
    if (wrong !== undefined) throw new Unreachable(`${path}: ${wrong}`);
    // Not `connect(path)`, which takes a number for a port.
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

  /** Sends the request and fulfils with its reply. What comes before it goes to `onEvent`, one after the other. Rejects with Unreachable. */
  async ask(request: object, onEvent: (event: ControlLine) => void = () => undefined): Promise<ControlLine> {
    this.#socket.write(`${JSON.stringify(request)}\n`);
    for (;;) {
      const line = await this.#next();
      if (line.code < 100) return line;
      if (line.code === 199) throw new Unreachable(`the daemon closed the connection: ${String(line.body['reason'])}`);
      onEvent(line);
    }
  }

  async #next(): Promise<ControlLine> {
    try {
      const { value, done } = await within(this.#lines.next(), this.#limit);
      if (done === true) throw new Unreachable('the daemon closed the connection before it answered.');
      return parsed(value);
    } catch (error) {
      this.#socket.destroy();
      const { message } = error as Error;
      throw new Unreachable(`${this.#path}: ${error instanceof Unreachable ? message : `the connection broke before an answer: ${message}`}`);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Fulfils as the promise does. Rejects with Unreachable where that takes more than `limit` seconds, if that is not 0. */
async function within<Value>(promise: Promise<Value>, limit: number): Promise<Value> {
  if (limit === 0) return promise;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // Longer ones would be over at once.
    timer = setTimeout(() => reject(new Unreachable(
      `the daemon has sent nothing for ${duration(limit)}. It may be stopped or overloaded. A larger --timeout waits longer.`,
    )), Math.min(limit * 1000, 2 ** 31 - 1));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
