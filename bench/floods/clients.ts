// Connections of attackers. They send as fast as their sockets take it, and count what they are answered.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { password } from '../salond-data.js';
import { addressOf, type Target } from './attack.js';
import { Tally } from './tally.js';

/** Milliseconds that a connection may take. */
const connectTimeout = 20_000;

/** Milliseconds that an attacker takes to log in, however often it is told to try again later. */
const loginTimeout = 60_000;

/** Most milliseconds between two tries to log in. */
const longestWait = 2000;

/** Fulfils when the socket is closed. */
export function closed(socket: Socket): Promise<void> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** Connects from an address. Rejects if that fails or takes too long. */
export async function open(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.on('error', reject);
    setTimeout(() => reject(new Error('no connection in time')), connectTimeout).unref();
  });
  return socket;
}

/** One connection of an attacker. */
export class Client {
  readonly socket: Socket;
  readonly tally: Tally;
  /** Fulfils when the connection is closed. */
  readonly closed: Promise<void>;
  #answered: ((head: string) => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = closed(socket);
    this.tally = new Tally((code, head) => {
      if (code < 100) this.#answered?.(head);
    });
    socket.on('data', (chunk: Buffer) => this.tally.add(chunk));
  }

  /** Connects and reads. */
  static async open(port: number, address: string): Promise<Client> {
    return new Client(await open(port, address));
  }

  /** Sends a request and fulfils with the beginning of the next reply; '' if the connection ends before. */
  async ask(line: string): Promise<string> {
    const answer = new Promise<string>((resolve) => {
      this.#answered = resolve;
    });
    this.socket.write(`${line}\n`);
    const head = await Promise.race([answer, this.closed.then(() => '')]);
    this.#answered = undefined;
    return head;
  }

  /** Logs in, and tries again as often as it is told to. Rejects when that takes too long. */
  async logIn(user: string): Promise<void> {
    for (const end = performance.now() + loginTimeout; performance.now() < end; ) {
      const answer = await this.ask(`authenticate_user ${user} ${password}`);
      if (answer.startsWith('1\t')) return;
      if (answer === '') break;
      await sleep(Math.min(Number(/"retry_after":(\d+)/.exec(answer)?.[1] ?? longestWait), longestWait));
    }
    throw new Error(`${user} could not log in`);
  }

  /**
   * Sends the bytes that `next` gives, as fast as the socket takes them, until the connection ends or `next` gives
   * undefined.
   */
  pump(next: () => Buffer | string | undefined): void {
    const { socket } = this;
    const write = (): void => {
      for (let hasRoom = true; hasRoom && socket.writable; ) {
        const bytes = next();
        if (bytes === undefined) {
          socket.off('drain', write);
          return;
        }
        hasRoom = socket.write(bytes);
      }
    };
    socket.on('drain', write);
    write();
  }

  /** From now on reads so many bytes a second on average and no more. */
  readAt(bytesPerSecond: number): void {
    const { socket } = this;
    const perTick = bytesPerSecond / 20;
    let budget = perTick;
    socket.on('data', (chunk: Buffer) => {
      budget -= chunk.length;
      if (budget < 0) socket.pause();
    });
    const timer = setInterval(() => {
      budget = Math.min(budget + perTick, perTick);
      if (budget >= 0) socket.resume();
    }, 50);
    socket.once('close', () => clearInterval(timer));
  }

  close(): void {
    this.socket.destroy();
  }
}

/**
 * Repeats `work` in `times` parallel loops, also after it has failed. Returns a function that ends the loops and
 * fulfils with the number of repetitions that did not fail. `work` gets a promise that fulfils at the end.
 */
export function repeated(
  times: number,
  work: (index: number, ended: Promise<void>) => Promise<void>,
): () => Promise<number> {
  let isEnded = false;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let done = 0;
  const all = Array.from({ length: times }, async (_, index) => {
    while (!isEnded) {
      try {
        await work(index, ended);
        done += 1;
      } catch {
        await Promise.race([ended, sleep(500)]);
      }
    }
  });
  return async () => {
    isEnded = true;
    end();
    await Promise.all(all);
    return done;
  };
}

/** How the sessions of an attack are spread: so many of them come from one address. */
export interface Spread {
  readonly perAddress: number;
  /** The first of the attack's addresses that they use; 0 unless given. */
  readonly from?: number;
  /** The first of the attack's users that they log in as; 0 unless given. */
  readonly user?: number;
}

/** The name of an attack's user. */
export function userOf({ firstUser }: Target, index: number): string {
  return `load-${firstUser + index}`;
}

/** Connects users of the attack and logs them in. Fulfils with those that got in. */
export async function users(
  target: Target,
  count: number,
  { perAddress, from = 0, user = 0 }: Spread,
): Promise<Client[]> {
  const all = await Promise.allSettled(
    Array.from({ length: count }, async (_, index) => {
      const client = await Client.open(target.port, addressOf(target, from + Math.floor(index / perAddress)));
      try {
        await client.logIn(userOf(target, user + index));
      } catch (error) {
        client.close();
        throw error;
      }
      return client;
    }),
  );
  return all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** How many of the clients still have their connection. */
export function staying(clients: readonly Client[]): number {
  return clients.filter(({ socket }) => !socket.destroyed && !socket.readableEnded).length;
}
