// Runs the TLS handshakes of an acceptor. A handshake takes a place in the queue once the client's first bytes are
// there: a client that sends nothing costs a file until its deadline, and no place.
import type { Socket } from 'node:net';
import { refusedFor } from '../wire/reasons.js';
import type { Sentence } from '../wire/words.js';
import { limitKey } from './addresses.js';
import { EarlyBytes } from './early-bytes.js';
import { HandshakeQueue, type HandshakeLimits } from './handshake-queue.js';
import type { MemoryBudget } from './memory-budget.js';
import type { OnEncrypted, TlsUpgrader } from './tls.js';

/** The options of Handshakes. */
export interface HandshakeOptions {
  /** Counts the bytes that clients send before their handshakes begin. */
  readonly memory: MemoryBudget;
  readonly limits: HandshakeLimits;
  /** Milliseconds that a handshake may take, from the beginning of its wait. */
  readonly milliseconds: number;
  /** Called for each connection that is closed before its handshake is done, with the reason for the metrics. */
  readonly onClosed: (reason: Sentence) => void;
}

/** Whose handshake it is. */
export interface HandshakeClient {
  readonly address: string;
  /** Whether the limit per address does not hold for it. */
  readonly isExempt: boolean;
  /** Set for a client that is refused, and told so after the handshake. It has less time, and was counted already. */
  readonly isRefused?: true;
}

/** The longest time in milliseconds that the handshake of a refused client may take. */
const refusedMilliseconds = 3000;

/** One handshake that waits or runs. */
interface Handshake {
  /** Begins the handshake. */
  readonly run: () => void;
  /** Closes the socket, because others wait. */
  readonly giveWay: () => void;
}

/**
 * The most bytes that a client may send before its handshake begins: a TLS record. A ClientHello has some hundred
 * bytes, or two thousand with a key that withstands quantum computers, and a client has nothing to say after it until
 * it is answered.
 */
const maxHelloBytes = 5 + 16_384;

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

  /** Performs the handshake on a socket and calls `onEncrypted`. Destroys the socket if it fails or takes too long. */
  begin(raw: Socket, client: HandshakeClient, tls: TlsUpgrader, onEncrypted: OnEncrypted): void {
    const { address, isExempt, isRefused } = client;
    const { milliseconds } = this.#options;
    const close = (reason: Sentence): void => {
      if (isRefused !== true) this.#options.onClosed(reason);
      raw.destroy();
    };
    const limit = setTimeout(
      () => close(refusedFor.handshakeLate),
      isRefused === true ? Math.min(milliseconds, refusedMilliseconds) : milliseconds,
    ).unref();
    const end = (): void => {
      clearTimeout(limit);
      raw.off('close', end);
      this.#queue.remove(handshake);
      this.#start();
    };
    const handshake: Handshake = {
      run: () => {
        // Its `close` event is about to come.
        if (raw.destroyed) return;
        early.giveBack();
        tls.upgrade(raw, (encrypted, user) => {
          end();
          onEncrypted(encrypted, user);
        });
      },
      giveWay: () => close(refusedFor.handshakeGaveWay),
    };
    // After an error, such as a reset, `close` follows.
    raw.on('error', ignoreError).on('close', end);
    const holder = {
      onMemoryShortage: () => close(refusedFor.memory),
      destroy: () => raw.destroy(),
    };
    let isFirst = true;
    const early = new EarlyBytes(raw, this.#options.memory.open(holder, 'guest'), ({ length }) => {
      if (length > maxHelloBytes) {
        close(refusedFor.earlyBytes);
        return;
      }
      if (!isFirst) return;
      isFirst = false;
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
      handshake.run();
      // The costly part of the handshake runs in a callback that the call has queued before this one.
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
    this.#queue.remove(last);
    last.giveWay();
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

function ignoreError(): void {}
