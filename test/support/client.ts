// A client for tests: sends lines, reads lines, checks each against protocol/, and tells events from replies by their
// code.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parseServerText, type LineCheck, type Members } from '../../tools/server-line.js';
import { checks } from './protocol.js';

/** A line that a server sent. */
export interface Line {
  readonly code: number;
  readonly body: Members;
  /** The line without its LF. */
  readonly raw: string;
}

/**
 * Parses a line, given without its LF. Throws if it is no line of the protocol, or if protocol/ does not know its code,
 * a member, or a member's type or place.
 */
export function parseLine(raw: string, problemOf: LineCheck = checks.client): Line {
  const line = parseServerText(raw, problemOf);
  if (typeof line === 'string') throw new Error(`${line}: ${JSON.stringify(raw)}`);
  return { code: line.code, body: line.members, raw };
}

/** Parses the lines of a text that a client has read, as `parseLine` does. Ignores everything after the last LF. */
export function parseLines(text: string): Line[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => parseLine(line));
}

/** The codes of the lines of a text that a client has read. Throws as `parseLine` does. */
export function codesOf(text: string): number[] {
  return parseLines(text).map(({ code }) => code);
}

/** A connection to a daemon. A line that protocol/ does not know throws an uncaught error, which fails the test. */
export class Client {
  /** Every line that has come, in order. */
  readonly lines: Line[] = [];
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #problemOf: LineCheck;
  #rest = '';
  #next = 0;
  #ended = false;
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket, problemOf: LineCheck) {
    this.socket = socket;
    this.#problemOf = problemOf;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', () => undefined);
    // `once` of node:events would reject if the connection is reset.
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** @param where a port, or the path of a control socket, whose lines are checked as an operator's */
  static async connect(where: number | string, host = '127.0.0.1'): Promise<Client> {
    const socket = typeof where === 'string' ? connect(where) : connect({ port: where, host, noDelay: true });
    await once(socket, 'connect');
    return new Client(socket, typeof where === 'string' ? checks.operator : checks.client);
  }

  /** Connects to a Unix socket for clients. */
  static async connectUnix(path: string): Promise<Client> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new Client(socket, checks.client);
  }

  /** Connects from another address of this machine. */
  static async connectFrom(localAddress: string, port: number): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
    await once(socket, 'connect');
    return new Client(socket, checks.client);
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.lines.push(parseLine(line, this.#problemOf));
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Sends requests without waiting: an object as JSON, a string unchanged, each with an LF. */
  send(...requests: readonly (object | string)[]): void {
    this.socket.write(
      requests.map((request) => `${typeof request === 'string' ? request : JSON.stringify(request)}\n`).join(''),
    );
  }

  /** Waits for the next line. Rejects if the connection ends without one. */
  async next(): Promise<Line> {
    for (;;) {
      const line = this.lines[this.#next];
      if (line !== undefined) {
        this.#next += 1;
        return line;
      }
      if (this.#ended) throw new Error('the connection ended');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits for the next reply. Skips events, which stay in `lines`. */
  async reply(): Promise<Line> {
    for (;;) {
      const line = await this.next();
      if (line.code < 100) return line;
    }
  }

  /** Waits for the next line, which has to be an event. Rejects if it is a reply. */
  async event(): Promise<Line> {
    const line = await this.next();
    if (line.code < 100) throw new Error(`an event was expected, not ${line.raw}`);
    return line;
  }

  /** Sends a request and waits for its reply. */
  async request(request: object | string): Promise<Line> {
    this.send(request);
    return this.reply();
  }

  /** The same as `request`, but rejects unless the code is 1. */
  async ok(request: object | string): Promise<Line> {
    const reply = await this.request(request);
    if (reply.code !== 1) throw new Error(`${JSON.stringify(request)} was answered ${reply.raw}`);
    return reply;
  }

  /** Creates the user if it does not exist, authenticates and joins the rooms. */
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

  /** Sends a chatroom_message and waits for its reply. */
  say(username: string, room: string, message: string, more: object = {}): Promise<Line> {
    return this.request({ command: 'chatroom_message', username, room, message, ...more });
  }

  /** Sends a FIN. Lines are still received. */
  end(): void {
    this.socket.end();
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.socket.destroy();
  }
}
