// One user of the soak. It talks in some rooms, connects again whenever the connection ends, sends again the messages
// that were not answered, and checks what the daemon promises: in every room each message comes once, in order, without
// a gap (PROTOCOL.md §4.1, §5).
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { checks } from '../../test/support/protocol.js';
import { parseServerText, type Members } from '../server-line.js';

/** A member's progress in a room: the newest id that it read, and a checksum of all messages. */
export interface Progress {
  last: number;
  sum: number;
}

/** Adds a message to the checksum of those before it. */
export function summed(sum: number, id: number, username: string, message: string): number {
  return crc32(`${id} ${username} ${message}\n`, sum);
}

interface Sent {
  readonly room: string;
  readonly message: string;
  at: number;
}

/** A member's access to the soak: the daemon's port, and callbacks for reports. */
export interface Hooks {
  readonly port: () => number;
  /**
   * Called with the milliseconds from sending a message to its reply; undefined if the user did not read meanwhile.
   */
  readonly answered: (milliseconds: number | undefined) => void;
  readonly violation: (what: string) => void;
}

const password = 'soak for an hour';

/** A user. Its record of read messages spans all its connections. */
export class Member {
  readonly heard = new Map<string, Progress>();
  readonly #unanswered = new Map<string, Sent>();
  #socket: Socket | undefined;
  #asked: ((code: number, body: Members) => void) | undefined;
  #in = false;
  #readsSince = 0;
  #ending = false;
  #count = 0;
  /** How many times the user has connected and joined its rooms. */
  connects = 0;

  constructor(
    readonly name: string,
    readonly rooms: readonly string[],
    readonly hooks: Hooks,
  ) {
    for (const room of rooms) this.heard.set(room, { last: 0, sum: 0 });
  }

  /** Connects again and again, until `end` is called. */
  async live(): Promise<void> {
    for (;;) {
      await this.#visit().catch(() => undefined);
      this.#in = false;
      this.#socket?.destroy();
      if (this.#ending) return;
      await sleep(200 + Math.random() * 800);
    }
  }

  /** Sends a message to one of its rooms, unless 20 wait for replies. */
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

  /** Reads nothing for that time. */
  async stall(milliseconds: number): Promise<void> {
    const socket = this.#socket;
    socket?.pause();
    await sleep(milliseconds);
    socket?.resume();
    this.#readsSince = performance.now();
  }

  /** Whether the user is in its rooms and every message was answered. */
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
    // readline emits the socket's errors too.
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
    this.connects += 1;
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
    // A killed daemon's last line may be cut short. The connection ends with it.
    if (!line.endsWith('}')) return;
    const parsed = parseServerText(line, checks.client);
    if (typeof parsed === 'string') {
      this.hooks.violation(`${this.name}: ${parsed}: ${line}`);
      return;
    }
    const { code, members: body } = parsed;
    if (code === 100 || code === 110)
      this.#hear(String(body['room']), Number(body['id']), String(body['username']), String(body['message']));
    else if (code < 100 && body['command'] === 'chatroom_message') this.#answer(code, body);
    else if (code < 100) this.#asked?.(code, body);
  }

  #answer(code: number, body: Members): void {
    const key = String(body['ref']);
    const sent = this.#unanswered.get(key);
    if (sent === undefined) {
      this.hooks.violation(`${this.name}: a reply to ${key}, which waits for none`);
      return;
    }
    if (code === 1) {
      this.#unanswered.delete(key);
      this.hooks.answered(sent.at > this.#readsSince ? performance.now() - sent.at : undefined);
      const id = Number(body['id']);
      if (body['duplicate'] !== true) this.#hear(sent.room, id, this.name, sent.message);
      else if (id > (this.heard.get(sent.room)?.last ?? 0))
        this.hooks.violation(`${this.name}: a duplicate that was not read, ${id} in ${sent.room}`);
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
