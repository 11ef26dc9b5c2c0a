// The daemon of the screens, and whoever else is in the room: one who says something when the screen is to show it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A daemon with data of its own, on a free port and on a Unix socket. */
export class Salon {
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    readonly folder: string,
    readonly port: number,
  ) {
    this.#child = child;
  }

  /** Starts it, and waits until it is ready. */
  static async open(): Promise<Salon> {
    const folder = mkdtempSync(join(tmpdir(), 'salond-screens-'));
    const program = join(import.meta.dirname, '../../../bin/salond');
    const args = ['--data', folder, '--listen', '127.0.0.1:0', '--listen', join(folder, 'chat.sock')];
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], SALOND_PASSWORD_LOG_N: '10' },
    });
    for await (const line of createInterface(child.stdout)) {
      const { event, addresses } = JSON.parse(line) as {
        readonly event: string;
        readonly addresses?: readonly string[];
      };
      if (event !== 'ready') continue;
      child.stdout.resume();
      return new Salon(child, folder, Number(addresses?.[0]?.split(':').at(-1)));
    }
    throw new Error('the daemon has not started');
  }

  /** The Unix socket. */
  get socket(): string {
    return join(this.folder, 'chat.sock');
  }

  /** Ends it, and removes its data. */
  async close(): Promise<void> {
    this.#child.kill('SIGTERM');
    await once(this.#child, 'close');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Somebody else in the room. */
export class Other {
  readonly #socket: Socket;
  #text = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
    });
  }

  /** Makes the user, who enters the room. */
  static async enter({ port }: Salon, name: string, room: string): Promise<Other> {
    const other = new Other(connect(port, '127.0.0.1'));
    other.#socket.write(
      `register ${name} ${name} X walrus-and-oysters\nlogin ${name} walrus-and-oysters\njoin ${room}\n`,
    );
    await other.reads('"join_chatroom"');
    return other;
  }

  /** Waits until it has read that, and forgets what it has read so far. */
  async reads(text: string): Promise<void> {
    while (!this.#text.includes(text)) await once(this.#socket, 'data');
    this.#text = '';
  }

  /** Sends a line, and waits for its reply. */
  async send(line: string): Promise<void> {
    this.#socket.write(`${line}\n`);
    await this.reads('1\t');
  }

  leave(): void {
    this.#socket.destroy();
  }
}
