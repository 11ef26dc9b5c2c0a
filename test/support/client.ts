// A client for tests: sends lines, reads lines, and tells events from replies by their code.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A line of the server's: a reply, or an event from code 100 on. */
export interface Line {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The line without its LF. */
  readonly raw: string;
}

/** Parses a line without its LF. Throws where it is no line of the protocol (PROTOCOL.md §2). */
export function parseLine(raw: string): Line {
  const match = /^([1-9]\d{0,2})\t(\{[^\t\n]*\})$/.exec(raw);
  if (match === null) throw new Error(`not a line of the protocol: ${JSON.stringify(raw)}`);
  return { code: Number(match[1]), body: JSON.parse(match[2] ?? '') as Line['body'], raw };
}

/** A client in the JSON form over a plain connection. It reads all that comes, whether or not a test asks for it. */
export class Client {
  /** Every line that has come, in order. */
  readonly lines: Line[] = [];
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #rest = '';
  #read = 0;
  #ended = false;
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', () => undefined);
    // Not `once` of node:events, which would reject where the connection ends by a reset.
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** @param where a port of this machine, or the path of a Unix socket */
  static async connect(where: number | string, host = '127.0.0.1'): Promise<Client> {
    const socket = typeof where === 'string' ? connect(where) : connect({ port: where, host, noDelay: true });
    await once(socket, 'connect');
    return new Client(socket);
  }

  /** From another address of this machine. */
  static async connectFrom(localAddress: string, port: number): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
    await once(socket, 'connect');
    return new Client(socket);
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.lines.push(parseLine(line));
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Sends requests without waiting: an object as JSON, a string as it stands; each gets an LF. */
  send(...requests: readonly (object | string)[]): void {
    this.socket.write(
      requests.map((request) => `${typeof request === 'string' ? request : JSON.stringify(request)}\n`).join(''),
    );
  }

  /** The next line that was not read yet. Rejects when the connection ends without one. */
  async next(): Promise<Line> {
    for (;;) {
      const line = this.lines[this.#read];
      if (line !== undefined) {
        this.#read += 1;
        return line;
      }
      if (this.#ended) throw new Error('the connection ended');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The next reply; events on the way are read and left in `lines`. */
  async reply(): Promise<Line> {
    for (;;) {
      const line = await this.next();
      if (line.code < 100) return line;
    }
  }

  /** The next event; rejects at a reply. */
  async event(): Promise<Line> {
    const line = await this.next();
    if (line.code < 100) throw new Error(`an event was expected, not ${line.raw}`);
    return line;
  }

  async request(request: object | string): Promise<Line> {
    this.send(request);
    return this.reply();
  }

  /** As `request`, and rejects unless the code is 1. */
  async ok(request: object | string): Promise<Line> {
    const reply = await this.request(request);
    if (reply.code !== 1) throw new Error(`${JSON.stringify(request)} was answered ${reply.raw}`);
    return reply;
  }

  /** Creates the user unless it exists, authenticates and joins the rooms. */
  async enter(username: string, ...rooms: readonly string[]): Promise<this> {
    await this.request({
      command: 'create_user',
      username,
      first_name: 'A',
      last_name: 'B',
      password: `${username} password`,
    });
    await this.ok({ command: 'authenticate_user', username, password: `${username} password` });
    for (const room of rooms) await this.ok({ command: 'join_chatroom', username, room });
    return this;
  }

  say(username: string, room: string, message: string, more: object = {}): Promise<Line> {
    return this.request({ command: 'chatroom_message', username, room, message, ...more });
  }

  /** The FIN of this side; the rest is still read. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
