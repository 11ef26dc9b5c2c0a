// Runs the TLS handshakes of an acceptor. A handshake takes a place in the queue once the client's first bytes are there:
// a client that sends nothing costs a file until its deadline, and no place.
import type { Socket } from 'node:net';
import { limitKey } from './addresses.js';
import { HandshakeQueue, type HandshakeLimits } from './handshake-queue.js';
import type { OnEncrypted, TlsUpgrader } from './tls.js';

/** The options of Handshakes. */
export interface HandshakeOptions {
  readonly limits: HandshakeLimits;
  /** Milliseconds that a handshake may take, from the beginning of its wait. */
  readonly milliseconds: number;
  /** Called for each connection that is closed before its handshake is done, with the reason for the metrics. */
  readonly onClosed: (reason: string) => void;
}

/** One handshake that waits or runs. */
interface Handshake {
  readonly raw: Socket;
  readonly tls: TlsUpgrader;
  readonly onEncrypted: OnEncrypted;
}

/** Milliseconds that handshakes may take of a turn of the event loop. Those that are left wait for the next turn. */
const turnMilliseconds = 4;

/** Milliseconds until it is looked again whether a handshake has to give way. */
const checkMilliseconds = 250;

/** The handshakes of an acceptor. */
export class Handshakes {
  readonly #options: HandshakeOptions;
  readonly #queue: HandshakeQueue<Handshake>;
  #isStarting = false;
  #isCheckDue = false;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#queue = new HandshakeQueue(options.limits);
  }

  /**
   * Performs the handshake on a socket and calls `onEncrypted`. Destroys the socket if the handshake fails, or takes
   * longer than the options or `milliseconds` allow.
   */
  begin(
    raw: Socket,
    { address, isExempt }: { readonly address: string; readonly isExempt: boolean },
    tls: TlsUpgrader,
    onEncrypted: OnEncrypted,
    milliseconds = this.#options.milliseconds,
  ): void {
    const limit = setTimeout(() => {
      this.#options.onClosed('the TLS handshake did not end in time');
      raw.destroy();
    }, milliseconds).unref();
    const end = (): void => {
      clearTimeout(limit);
      raw.off('close', end);
      this.#queue.remove(handshake);
      this.#start();
    };
    const handshake: Handshake = {
      raw,
      tls,
      onEncrypted: (encrypted, user) => {
        end();
        onEncrypted(encrypted, user);
      },
    };
    // After an error, such as a reset, `close` follows.
    raw.on('error', ignoreError).on('close', end);
    whenBytesCame(raw, () => {
      this.#queue.add(handshake, limitKey(address), isExempt);
      this.#start();
    });
  }

  /** Starts handshakes that may run, for some milliseconds a turn. Ends one that has to give way. */
  #start(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    const begun = performance.now();
    const startNext = (): void => {
      const handshake = this.#next();
      if (handshake === undefined) {
        this.#isStarting = false;
        return;
      }
      const { raw, tls, onEncrypted } = handshake;
      tls.upgrade(raw, onEncrypted);
      // The costly part of the handshake runs in a callback that the upgrade has queued before this one.
      process.nextTick(() => {
        if (performance.now() - begun < turnMilliseconds) startNext();
        else
          setImmediate(() => {
            this.#isStarting = false;
            this.#start();
          });
      });
    };
    startNext();
  }

  #next(): Handshake | undefined {
    const now = performance.now();
    const next = this.#queue.next(now);
    if (next !== undefined || this.#queue.waiting === 0) return next;
    const last = this.#queue.toGiveWay(now);
    if (last === undefined) {
      this.#checkLater();
      return undefined;
    }
    this.#options.onClosed('the TLS handshake gave way to others');
    this.#queue.remove(last);
    last.raw.destroy();
    return this.#queue.next(now);
  }

  #checkLater(): void {
    if (this.#isCheckDue) return;
    this.#isCheckDue = true;
    setTimeout(() => {
      this.#isCheckDue = false;
      this.#start();
    }, checkMilliseconds).unref();
  }
}

/** Calls `onBytes` once the socket has bytes to read, with the socket paused before them. Destroys one that ends first. */
function whenBytesCame(raw: Socket, onBytes: () => void): void {
  if (raw.readableLength > 0) {
    onBytes();
    return;
  }
  const onEnd = (): void => void raw.destroy();
  raw.once('end', onEnd).once('data', (bytes: Buffer) => {
    raw.off('end', onEnd).pause();
    raw.unshift(bytes);
    onBytes();
  });
  // A socket whose PROXY header was read is paused.
  raw.resume();
}

function ignoreError(): void {}
