// Keeps what a client sends before its connection has a reader: until its PROXY header is whole, or its TLS handshake
// may begin. The bytes are on an account of the memory budget, as those of sessions are.
import type { Socket } from 'node:net';
import type { BufferAccount } from './buffer-account.js';

/** The first bytes of a socket, until they are given back to it. */
export class EarlyBytes {
  readonly #raw: Socket;
  readonly #account: BufferAccount;
  #bytes: Buffer = Buffer.alloc(0);
  readonly #onData: (more: Buffer) => void;
  // A client that goes away must not wait for its turn.
  readonly #onEnd = (): void => void this.#raw.destroy();
  readonly #onClose = (): void => this.#account.close();

  /** @param onMore called with all bytes so far, each time when more have come */
  constructor(raw: Socket, account: BufferAccount, onMore: (bytes: Buffer) => void) {
    this.#raw = raw;
    this.#account = account;
    this.#onData = (more) => {
      this.#bytes = this.#bytes.length === 0 ? more : Buffer.concat([this.#bytes, more]);
      account.add(more.length);
      onMore(this.#bytes);
    };
    // A socket whose PROXY header was read is paused.
    raw.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).resume();
  }

  /**
   * Gives the bytes back to the socket, but for the first `read` of them. The socket is paused before them. Whoever
   * resumes it counts them from then on.
   */
  giveBack(read = 0): void {
    this.#raw.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose).pause();
    if (this.#bytes.length > read) this.#raw.unshift(this.#bytes.subarray(read));
    this.#bytes = Buffer.alloc(0);
    this.#account.close();
  }
}
