// Asks the daemon on its control socket, as salonctl does, and waits for each answer.
import { connect } from 'node:net';
import { Tally } from './tally.js';

/** Milliseconds after which a question has failed, as in salonctl. */
const patience = 10_000;

/** A connection to the control socket. */
export class Control {
  readonly #socket: ReturnType<typeof connect>;
  #settle: ((head: string) => void) | undefined;

  /** @param path the control socket; an error shows when something is asked */
  constructor(path: string) {
    this.#socket = connect(path);
    const tally = new Tally((code, head) => {
      if (code < 100) this.#settle?.(head);
    });
    this.#socket.on('data', (chunk: Buffer) => tally.add(chunk));
    for (const event of ['error', 'close']) this.#socket.on(event, () => this.#settle?.(''));
  }

  /**
   * Sends a request and fulfils with the beginning of its reply. Rejects if the connection ends or there is no answer
   * in time, 10 s unless given.
   */
  async ask(request: Readonly<Record<string, unknown>>, milliseconds = patience): Promise<string> {
    const answer = new Promise<string>((resolve) => {
      if (this.#socket.destroyed) resolve('');
      this.#settle = resolve;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(''), milliseconds);
    });
    this.#socket.write(`${JSON.stringify(request)}\n`);
    const head = await Promise.race([answer, late]);
    clearTimeout(timer);
    if (head === '') throw new Error('the control socket did not answer');
    return head;
  }

  close(): void {
    this.#socket.destroy();
  }
}
