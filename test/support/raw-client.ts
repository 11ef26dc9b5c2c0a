// A client that reads bytes and checks nothing, for tests of what lines are byte for byte.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Teardown } from './daemon.js';

/** A connection whose lines are text. */
export class Raw {
  /** What has come and was not taken. */
  text = '';
  #wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      this.#wake();
    });
  }

  static async connect(t: Teardown, port: number): Promise<Raw> {
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return new Raw(socket);
  }

  /** Sends a line, and waits until so many lines more have come. Fulfils with them. */
  async ask(line: string, count = 1): Promise<string> {
    this.socket.write(`${line}\n`);
    return this.take(count);
  }

  /** Waits for so many lines. Fulfils with them. */
  async take(count: number): Promise<string> {
    for (;;) {
      const lines = this.text.split('\n');
      if (lines.length > count) {
        this.text = lines.slice(count).join('\n');
        return `${lines.slice(0, count).join('\n')}\n`;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
