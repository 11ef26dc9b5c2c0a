// One user of the soak: talks in some rooms, comes back whenever the connection ends, sends again what was not answered, and
// holds the daemon to its word: in every room each message once, in order, without a hole (PROTOCOL.md §4.1, §5).
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

/** What a member has of a room: how far, and a checksum of all of it. */
export interface Heard {
  last: number;
  sum: number;
}

/** What goes into the checksum, of each message in turn. */
export function summed(sum: number, id: number, username: string, message: string): number {
  return crc32(`${id} ${username} ${message}\n`, sum);
}

type Body = Readonly<Record<string, unknown>>;

interface Sent {
  readonly room: string;
  readonly message: string;
  at: number;
}

export interface Hooks {
  readonly port: () => number;
  /** Milliseconds from a message's sending to its answer; undefined where its user did not read all that time. */
  readonly answered: (milliseconds: number | undefined) => void;
  readonly violation: (what: string) => void;
}

const password = 'soak for an hour';

export class Member {
  readonly heard = new Map<string, Heard>();
  readonly #unanswered = new Map<string, Sent>();
  #socket: Socket | undefined;
  #asked: ((code: number, body: Body) => void) | undefined;
  #in = false;
  #readsSince = 0;
  #ending = false;
  #count = 0;
  comings = 0;

  constructor(
    readonly name: string,
    readonly rooms: readonly string[],
    readonly hooks: Hooks,
  ) {
    for (const room of rooms) this.heard.set(room, { last: 0, sum: 0 });
  }

  #isEnding(): boolean {
    return this.#ending;
  }

  /** Comes, and comes back, until it is to end. */
  async live(): Promise<void> {
    while (!this.#isEnding()) {
      await this.#visit().catch(() => undefined);
      this.#in = false;
      this.#socket?.destroy();
      if (!this.#isEnding()) await sleep(200 + Math.random() * 800);
    }
  }

  say(): void {
    if (!this.#in || this.#unanswered.size > 20) return;
    const room = this.rooms[Math.floor(Math.random() * this.rooms.length)] ?? '';
    const key = `${this.name}-${(this.#count += 1)}`;
    this.#unanswered.set(key, {
      room,
      message: `${key} ${'x'.repeat(Math.floor(Math.random() ** 4 * 2000))}`,
      at: performance.now(),
    });
    this.#send(key);
  }

  /** Reads nothing for a while. */
  async stall(milliseconds: number): Promise<void> {
    const socket = this.#socket;
    socket?.pause();
    await sleep(milliseconds);
    socket?.resume();
    this.#readsSince = performance.now();
  }

  get settled(): boolean {
    return this.#in && this.#unanswered.size === 0;
  }

  end(): void {
    this.#ending = true;
    this.#socket?.destroy();
  }

  async #visit(): Promise<void> {
    const socket = connect(this.hooks.port(), '127.0.0.1');
    this.#socket = socket;
    const closed = new Promise<never>((_, reject) => {
      socket.on('error', () => undefined);
      socket.on('close', () => reject(new Error('closed')));
    });
    closed.catch(() => undefined);
    // It hands the socket's errors on.
    createInterface(socket)
      .on('error', () => undefined)
      .on('line', (line) => this.#take(line));
    const user = { username: this.name };
    await Promise.race([
      closed,
      this.#ask({ command: 'create_user', ...user, first_name: 'S', last_name: 'S', password }),
    ]);
    if ((await Promise.race([closed, this.#ask({ command: 'authenticate_user', ...user, password })])) !== 1) return;
    for (const [room, { last }] of this.heard) {
      if ((await Promise.race([closed, this.#ask({ command: 'join_chatroom', ...user, room, after: last })])) !== 1)
        return;
    }
    this.comings += 1;
    this.#in = true;
    for (const key of this.#unanswered.keys()) this.#send(key);
    await closed;
  }

  #ask(request: object): Promise<number> {
    this.#socket?.write(`${JSON.stringify(request)}\n`);
    return new Promise((resolve) => {
      this.#asked = resolve;
    });
  }

  #send(key: string): void {
    const sent = this.#unanswered.get(key);
    if (sent === undefined || this.#socket?.writable !== true) return;
    const { room, message } = sent;
    this.#socket.write(
      `${JSON.stringify({ command: 'chatroom_message', username: this.name, room, message, key, ref: key })}\n`,
    );
  }

  #take(line: string): void {
    const tab = line.indexOf('\t');
    const code = Number(line.slice(0, tab));
    let body: Body;
    try {
      body = JSON.parse(line.slice(tab + 1)) as Body;
    } catch {
      // The last line of a killed daemon, cut short: the connection ends with it.
      return;
    }
    if (code === 100 || code === 110)
      this.#hear(String(body['room']), Number(body['id']), String(body['username']), String(body['message']));
    else if (code < 100 && body['command'] === 'chatroom_message') this.#answer(code, body);
    else if (code < 100) this.#asked?.(code, body);
  }

  #answer(code: number, body: Body): void {
    const key = String(body['ref']);
    const sent = this.#unanswered.get(key);
    if (sent === undefined) {
      this.hooks.violation(`${this.name}: an answer to ${key}, which waits for none`);
      return;
    }
    if (code === 1) {
      this.#unanswered.delete(key);
      this.hooks.answered(sent.at > this.#readsSince ? performance.now() - sent.at : undefined);
      const id = Number(body['id']);
      if (body['duplicate'] !== true) this.#hear(sent.room, id, this.name, sent.message);
      else if (id > (this.heard.get(sent.room)?.last ?? 0))
        this.hooks.violation(`${this.name}: a duplicate that was not heard, ${id} in ${sent.room}`);
    } else if (code === 2 || code === 14 || code === 16) {
      setTimeout(
        () => {
          sent.at = performance.now();
          this.#send(key);
        },
        Math.max(500, Number(body['retry_after'] ?? 0)),
      );
    } else {
      this.hooks.violation(`${this.name}: code ${code} for a message`);
    }
  }

  #hear(room: string, id: number, username: string, message: string): void {
    const heard = this.heard.get(room);
    if (heard === undefined) {
      this.hooks.violation(`${this.name}: a message of ${room}, which it is not in`);
      return;
    }
    if (id !== heard.last + 1) this.hooks.violation(`${this.name}: ${id} after ${heard.last} in ${room}`);
    heard.last = id;
    heard.sum = summed(heard.sum, id, username, message);
  }
}
