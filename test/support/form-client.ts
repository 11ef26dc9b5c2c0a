// A client that reads lines in any format, and holds each to it: no line longer than its `max_line`, in ASCII where it
// asked for that, one line of its form, and as protocol/ says (PROTOCOL.md §8).
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { defaultFormat, type LineFormat } from '../../src/wire/format.js';
import type { Members } from '../../tools/server-line.js';
import { read } from './format-lines.js';
import { checks } from './protocol.js';

/** A line that a server sent. */
export interface FormLine {
  readonly code: number;
  /** Empty in the form `text`, which no program reads. */
  readonly members: Members;
  /** The line with its LF. */
  readonly raw: string;
}

/** A connection whose lines are as it asked. A line that is not throws an uncaught error, which fails the test. */
export class FormClient {
  /** Every line that has come, in order. */
  readonly lines: FormLine[] = [];
  #format = defaultFormat;
  #rest = '';
  #next = 0;
  #wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('error', () => undefined).on('data', (text: string) => this.#take(text));
  }

  static async connect(port: number): Promise<FormClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new FormClient(socket);
  }

  get format(): LineFormat {
    return this.#format;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.lines.push(this.#parse(`${line}\n`));
    this.#wake();
  }

  #parse(raw: string): FormLine {
    const line = read(raw, this.#format);
    if (line === undefined) return { code: Number.parseInt(raw, 10), members: {}, raw };
    const problem = checks.client(line.code, line.members);
    if (problem !== undefined) throw new Error(`${problem}: ${JSON.stringify(raw)}`);
    return { ...line, raw };
  }

  /** Asks for that format, in which the reply is already. No request may be on its way. */
  async ask(format: LineFormat, more: object = {}): Promise<FormLine> {
    this.#format = format;
    const { form, maxLine, ascii, language } = format;
    return this.request({ command: 'set_session', form, max_line: maxLine, ascii, language, ...more });
  }

  /** Says that lines come in that format from now on, because of what is sent next. */
  expect(format: LineFormat): void {
    this.#format = format;
  }

  /** Sends requests without waiting. */
  send(...requests: readonly object[]): void {
    this.socket.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  }

  /** Waits for the next reply. Events stay in `lines`. */
  async reply(): Promise<FormLine> {
    for (;;) {
      const line = this.lines[this.#next];
      if (line === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#next += 1;
      if (line.code < 100) return line;
    }
  }

  /** Sends a request and waits for its reply. Rejects unless that is 1. */
  async request(request: object): Promise<FormLine> {
    this.send(request);
    const reply = await this.reply();
    if (reply.code !== 1) throw new Error(`${JSON.stringify(request)} was answered ${reply.raw}`);
    return reply;
  }

  /** Creates the user and authenticates. */
  async enter(username: string): Promise<this> {
    const password = 'through the looking glass';
    await this.request({ command: 'create_user', username, first_name: 'A', last_name: 'B', password });
    await this.request({ command: 'authenticate_user', username, password });
    return this;
  }
}
