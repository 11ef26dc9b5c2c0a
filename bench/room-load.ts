// Load on rooms: connections that speak with a fixed number of messages in flight, and all that hear them. It has to be
// much cheaper than the server, so it parses nothing: a room's ids are dense, so the last `"id":` of what was read says
// how many messages a connection has got, and the last `"ref":` of a reply how many of its own are answered.
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export interface RoomLoad {
  readonly rooms: number;
  readonly members: number;
  /** Members of each room that speak. */
  readonly speakers: number;
  /** Messages of one speaker on their way. */
  readonly inFlight: number;
}

const idMark = Buffer.from('"id":');
const refMark = Buffer.from('"ref":');
const text = 'x'.repeat(100);
const password = 'load without end';

/** The number behind the last `mark` in `bytes`; undefined where there is none, or its digits go on in the next bytes. */
function lastNumber(bytes: Buffer, mark: Buffer): number | undefined {
  let at = bytes.lastIndexOf(mark);
  while (at !== -1) {
    let value = 0;
    let next = at + mark.length;
    for (; next < bytes.length; next += 1) {
      const digit = (bytes[next] ?? 0) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (next < bytes.length && next > at + mark.length) return value;
    if (at === 0) return undefined;
    at = bytes.lastIndexOf(mark, at - 1);
  }
  return undefined;
}

/** A connection in one room. */
export class LoadMember {
  /** The id of the newest message that it has read of. */
  seen = 0;
  answered = 0;
  #sent = 0;
  #sentAt: Float64Array;
  /** Where latencies go while they are measured, in milliseconds. */
  latencies: number[] | undefined;
  readonly #line: { readonly head: string; readonly tail: string };

  constructor(
    readonly socket: Socket, username: string, room: string,
    readonly inFlight: number,
    readonly onSeen: (() => void) | undefined,
  ) {
    this.#sentAt = new Float64Array(Math.max(1, inFlight));
    this.#line = {
      head: `{"command":"chatroom_message","username":"${username}","room":"${room}","ref":`,
      tail: `,"message":"${text}"}\n`,
    };
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  #take(bytes: Buffer): void {
    this.seen = lastNumber(bytes, idMark) ?? this.seen;
    this.onSeen?.();
    if (this.inFlight === 0) return;
    const answered = lastNumber(bytes, refMark) ?? this.answered;
    const now = performance.now();
    for (let ref = this.answered + 1; this.latencies !== undefined && ref <= answered; ref += 1) {
      this.latencies.push(now - (this.#sentAt[ref % this.inFlight] ?? now));
    }
    const free = answered - this.answered;
    this.answered = answered;
    if (!this.stopped && free > 0) this.send(free);
  }

  stopped = true;

  /** Sends `count` messages in one write. */
  send(count: number): void {
    const now = performance.now();
    let lines = '';
    for (let sent = 0; sent < count; sent += 1) {
      this.#sent += 1;
      this.#sentAt[this.#sent % this.inFlight] = now;
      lines += this.#line.head + this.#sent + this.#line.tail;
    }
    this.socket.write(lines, 'latin1');
  }

  start(): void {
    this.stopped = false;
    this.send(this.inFlight);
  }

  get settled(): boolean {
    return this.answered === this.#sent;
  }
}

/** Sends one request and waits for the reply's line. */
async function ask(socket: Socket, request: object): Promise<string> {
  socket.write(`${JSON.stringify(request)}\n`);
  let reply = '';
  while (!/^[1-9]\d?\t.*\n/m.test(reply)) reply += String((await once(socket, 'data'))[0]);
  return reply;
}

async function expectOk(socket: Socket, request: object): Promise<void> {
  const reply = await ask(socket, request);
  if (!/^1\t/m.test(reply)) throw new Error(`${JSON.stringify(request)} was answered ${reply}`);
}

/** Makes as many users as a room has members. */
export async function makeUsers(port: number, count: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  for (let user = 0; user < count; user += 1) {
    await ask(socket, { command: 'create_user', username: `load-${user}`, first_name: 'L', last_name: 'L', password });
  }
  socket.destroy();
}

/** Connects everyone into their rooms; `name` keeps the rooms of one run from those of another. */
export async function fillRooms(port: number, name: string, load: RoomLoad, onSeen?: () => void): Promise<LoadMember[]> {
  const members: LoadMember[] = [];
  for (let room = 0; room < load.rooms; room += 1) {
    const roomName = `${name}-${room}`;
    for (let member = 0; member < load.members; member += 1) {
      const username = `load-${member}`;
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await expectOk(socket, { command: 'authenticate_user', username, password });
      await expectOk(socket, { command: 'join_chatroom', username, room: roomName });
      members.push(new LoadMember(socket, username, roomName, member < load.speakers ? load.inFlight : 0, onSeen));
    }
  }
  return members;
}
