// A member of a crowd (crowd.ts): a client that logs in by a token and joins a room, and counts what it is told of
// others. It reads the code of each line and no more.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { password } from './salond-data.js';

const lineFeed = 10;

/** What a crowd has read. */
export interface Tally {
  /** Events about one user who came or went (101, 102), and about how many did (107): PROTOCOL.md §4.2. */
  names: number;
  counts: number;
  /** The bytes of both. */
  bytes: number;
  /** The bytes of all that was read, the replies to the joins among it. */
  allBytes: number;
}

/** How a member comes. */
export interface Coming {
  readonly port: number;
  readonly username: string;
  /** A token, with which a session speaks the second edition, or the password of all users for the first edition. */
  readonly token: string | undefined;
  readonly room: string;
}

/** One connection to a daemon, in a room. */
export class CrowdMember {
  readonly #socket: Socket;
  readonly #tally: Tally;
  /** The beginning of a line whose end has not come. */
  #rest: Buffer = Buffer.alloc(0);
  #joined: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;

  private constructor(socket: Socket, tally: Tally) {
    this.#socket = socket;
    this.#tally = tally;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', () => this.#failed(new Error('the daemon closed a connection')));
  }

  /** Connects, logs in and joins. Fulfils when it is in the room. */
  static async enter({ port, username, token, room }: Coming, tally: Tally): Promise<CrowdMember> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const member = new CrowdMember(socket, tally);
    const joined = new Promise<void>((resolve, reject) => {
      member.#joined = resolve;
      member.#failed = reject;
    });
    const login =
      token === undefined
        ? { command: 'authenticate_user', username, password }
        : { command: 'authenticate_token', token };
    const join = { command: 'join_chatroom', username, room };
    socket.write(`${JSON.stringify(login)}\n${JSON.stringify(join)}\n`);
    await joined;
    return member;
  }

  /** Breaks the connection off, as a network does. No port of the system waits for it afterwards. */
  breakOff(): void {
    this.#failed = () => undefined;
    this.#socket.resetAndDestroy();
  }

  #take(chunk: Buffer): void {
    this.#tally.allBytes += chunk.length;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let begin = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, begin)) {
      this.#takeLine(bytes, begin, end + 1);
      begin = end + 1;
    }
    this.#rest = bytes.subarray(begin);
  }

  #takeLine(bytes: Buffer, begin: number, end: number): void {
    const head = bytes.toString('latin1', begin, Math.min(end, begin + 30));
    const code = head.slice(0, 3);
    if (code === '101' || code === '102' || code === '107') {
      this.#tally[code === '107' ? 'counts' : 'names'] += 1;
      this.#tally.bytes += end - begin;
    } else if (head.startsWith('1\t{"command":"join_chatroom"')) this.#joined();
    else if (!head.startsWith('1\t')) this.#failed(new Error(`unexpected: ${bytes.toString('utf8', begin, end)}`));
  }
}
