// Sends generated lines to a daemon over several connections at once, and checks every reply. Groups of lines are sent
// ahead of their replies. Now and then a connection ends in one of the documented ways (endings.ts), and a new one
// takes its place.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { defaultFormat, type LineFormat } from '../../src/wire/format.js';
import { endings, type Ending } from './endings.js';
import { askFor, randomFormat } from './formats.js';
import { Group, bits } from './group.js';
import { addLine } from './lines.js';
import { Random } from './random.js';
import { Replies } from './replies.js';
import type { Target } from './target.js';

/** What a run sends, and where to. */
export interface FuzzSettings {
  readonly port: number;
  readonly seed: number;
  /** How many lines in all, give or take a group. */
  readonly inputs: number;
  readonly connections: number;
  /** Lines that are sent together. */
  readonly groupLines: number;
}

/** Groups that may wait for replies at the same time. */
const groupsAhead = 2;
/** Groups that a connection sends on average before it ends. */
const groupsPerConnection = 10;
/** Lines until another room is used, so that no room's history grows long. */
const inputsPerRoom = 20_000;

/** One run against a daemon. */
export class Fuzzer {
  /** Lines sent so far. */
  inputs = 0;
  /** How often each code came. */
  readonly histogram: number[] = [];
  readonly #settings: FuzzSettings;
  #failed = false;

  constructor(settings: FuzzSettings) {
    this.#settings = settings;
  }

  /** Fulfils when all inputs are answered. Rejects at the first reply that is wrong. */
  async run(): Promise<void> {
    const { connections, seed } = this.#settings;
    await Promise.all(
      Array.from({ length: connections }, async (_, index) => {
        try {
          await this.#drive(index, new Random(seed + 7919 * index));
        } catch (error) {
          this.#failed = true;
          throw new Error(`connection ${index}: ${error instanceof Error ? error.message : String(error)}`, {
            cause: error,
          });
        }
      }),
    );
  }

  /** Whether inputs are left, and nothing was wrong. */
  #goesOn(): boolean {
    return this.inputs < this.#settings.inputs && !this.#failed;
  }

  /** One connection after another, until all inputs are sent. */
  async #drive(index: number, random: Random): Promise<void> {
    let ref = 0;
    const nextRef = (): number => (ref += 1);
    for (let round = 0; this.#goesOn(); round += 1) {
      const ending = endings[(index + round) % endings.length] ?? endings[0];
      const format = ending.first ? defaultFormat : randomFormat(random);
      const connection = new FuzzConnection(await this.#open(), this.histogram, format);
      if (format !== defaultFormat) await connection.send(asking(format, nextRef()));
      const groups = ending.first ? 0 : 1 + random.below(2 * groupsPerConnection);
      for (let count = 0; count < groups && this.#goesOn(); count += 1) {
        const target = { random, group: new Group(), nextRef, username: `fuzz${index}`, room: this.#room(index) };
        this.#fill(target);
        await connection.send(target.group);
      }
      const target = { random, group: new Group(), nextRef, username: `fuzz${index}`, room: this.#room(index) };
      ending.write(target);
      this.inputs += target.group.inputs;
      await connection.end(target.group, ending);
    }
  }

  async #open(): Promise<Socket> {
    const socket = connect({ port: this.#settings.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return socket;
  }

  /** Four connections share a room. */
  #room(index: number): string {
    return `fuzz-${index % 4}-${Math.floor(this.inputs / inputsPerRoom)}`;
  }

  #fill(target: Target): void {
    const { group, nextRef, username, room } = target;
    const [created, authenticated, joined] = [nextRef(), nextRef(), nextRef()];
    const person = `"username":"${username}","password":"${username} password"`;
    group.line(
      `{"command":"create_user",${person},"first_name":"A","last_name":"B","ref":${created}}`,
      created,
      bits(1, 4),
    );
    group.line(`{"command":"authenticate_user",${person},"ref":${authenticated}}`, authenticated, bits(1, 13));
    group.line(
      `{"command":"join_chatroom","username":"${username}","room":"${room}","ref":${joined}}`,
      joined,
      bits(1),
    );
    while (group.inputs < this.#settings.groupLines) addLine(target);
    this.inputs += group.inputs;
  }
}

/** The first request of a connection, after which lines come in that format. */
function asking(format: LineFormat, ref: number): Group {
  const group = new Group();
  group.line(askFor(format, ref), ref, bits(1));
  return group;
}

class FuzzConnection {
  readonly #socket: Socket;
  readonly #replies: Replies;
  readonly #ended: Promise<void>;
  #failure: Error | undefined;
  #over = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket, histogram: number[], format: LineFormat) {
    this.#socket = socket;
    this.#replies = new Replies(histogram, format);
    this.#ended = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#over = true;
      this.#wake();
    });
    socket.on('data', (bytes: Buffer) => {
      try {
        this.#replies.take(bytes);
      } catch (error) {
        this.#failure = error as Error;
        socket.destroy();
      }
      this.#wake();
    });
  }

  async send(group: Group): Promise<void> {
    this.#replies.expect(group);
    this.#socket.write(group.bytes);
    while (this.#replies.waiting >= groupsAhead && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#over) throw new Error(`the daemon closed the connection; it was the turn of ${this.#replies.turn}`);
  }

  async end(group: Group, { then, closing }: Ending): Promise<void> {
    if (then === 'destroy') {
      this.#socket.write(group.bytes);
      this.#socket.destroy();
      await this.#ended;
      return;
    }
    this.#replies.expect(group);
    this.#socket.write(group.bytes);
    if (then === 'fin') this.#socket.end();
    await this.#ended;
    if (this.#failure !== undefined) throw this.#failure;
    this.#replies.end(closing);
  }
}
