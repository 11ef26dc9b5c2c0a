// A client of salond that sends a request once the previous one is answered. It parses only the last lines that it
// reads, so that it costs little compared with the daemon.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The number of last bytes to parse: more than a reply and one or two events after it. */
const tailBytes = 1024;

/** A code of one or two digits other than 1. Codes of three digits are events. */
const isRefusal = /^(?!1\t)\d\d?\t/;

/** One connection to a daemon. */
export class Asker {
  readonly #socket: Socket;
  #tail: Buffer = Buffer.alloc(0);
  #looked: (() => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the daemon closed a connection')));
  }

  /** Connects to a daemon on loopback. */
  static async to(port: number): Promise<Asker> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Asker(socket);
  }

  /**
   * Sends the requests in one write and fulfils with the reply to the last one. Rejects if the daemon refuses one of
   * them.
   */
  ask(...requests: readonly Readonly<Record<string, unknown>>[]): Promise<string> {
    const reply = `1\t{"command":"${String(requests.at(-1)?.['command'])}"`;
    this.#tail = Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      this.#looked = () => {
        const lines = this.#tail
          .toString('latin1')
          .split('\n')
          .slice(this.#tail.length < tailBytes ? 0 : 1, -1);
        const refused = lines.find((line) => isRefusal.test(line));
        if (refused !== undefined) reject(new Error(`refused: ${refused}`));
        const found = lines.find((line) => line.startsWith(reply));
        if (found !== undefined) resolve(found);
      };
      this.#socket.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
    });
  }

  /** Ends the connection. */
  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#tail =
      chunk.length >= tailBytes ? chunk.subarray(-tailBytes) : Buffer.concat([this.#tail, chunk]).subarray(-tailBytes);
    this.#looked?.();
  }
}
