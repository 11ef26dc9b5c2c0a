// A connection to the daemon's control socket: a request, and its reply.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What the daemon answered, or an event of it. */
export interface ControlLine {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The daemon can't be asked; the message says why. */
export class Unreachable extends Error {}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there: is the daemon running?',
  ECONNREFUSED: 'nobody listens there: is the daemon running?',
  EACCES: "it may be opened by the daemon's user and group only",
};

export class ControlConnection {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface(socket)[Symbol.asyncIterator]();
  }

  /** Rejects with Unreachable. */
  static async open(path: string): Promise<ControlConnection> {
    const socket = connect(path);
    try {
      await once(socket, 'connect');
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      throw new Unreachable(`${path}: ${reasons[code] ?? message}`);
    }
    socket.on('error', () => undefined);
    return new ControlConnection(socket);
  }

  /** Sends the request and fulfils with its reply. What comes before it goes to `onEvent`, one after the other. Rejects with Unreachable. */
  async ask(request: object, onEvent: (event: ControlLine) => void = () => undefined): Promise<ControlLine> {
    this.#socket.write(`${JSON.stringify(request)}\n`);
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Unreachable('the daemon closed the connection');
      const tab = value.indexOf('\t');
      const line = { code: Number(value.slice(0, tab)), body: JSON.parse(value.slice(tab + 1)) as ControlLine['body'] };
      if (line.code < 100) return line;
      if (line.code === 199) throw new Unreachable(`the daemon closed the connection: ${String(line.body['reason'])}`);
      onEvent(line);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
