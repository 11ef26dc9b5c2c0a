// Refuses connections: sends a 199 with the reason, and closes.
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { encodeEvent } from '../wire/encode.js';
import type { AdmissionRefusal } from './admission.js';
import { linger } from './linger.js';
import { upgradeIfNeeded, type TlsUpgrader } from './tls.js';

/** Milliseconds that a refused client has to read why. */
const lingerMilliseconds = 1000;

/** The most refused clients that may linger at one time. Each costs a file descriptor. */
const maxLingering = 32;

/** Refuses connections. Counts those that linger, so that a flood of them can't use up the file descriptors. */
export class Refuser {
  readonly #log: Logger;
  readonly #onRefused: (reason: string) => void;
  #lingering = 0;

  /** @param onRefused is told the reason of each refusal */
  constructor(log: Logger, onRefused: (reason: string) => void) {
    this.#log = log;
    this.#onRefused = onRefused;
  }

  /** Sends the 199, after the TLS handshake if there is one, and closes. Beyond the limit, TLS clients get no 199. */
  refuse(
    raw: Socket,
    address: string,
    tls: TlsUpgrader | undefined,
    { reason, retryAfter }: Pick<AdmissionRefusal, 'reason'> & Partial<AdmissionRefusal>,
  ): void {
    this.#log.debug({ address, reason }, 'connection_refused');
    this.#onRefused(reason);
    const mayLinger = this.#lingering < maxLingering;
    if (mayLinger) {
      // Counted before the handshake: one that never ends costs a file descriptor too.
      this.#lingering += 1;
      raw.once('close', () => {
        this.#lingering -= 1;
      });
    } else if (tls !== undefined) {
      // A handshake costs the server more than the client.
      raw.destroy();
      return;
    }
    const line = encodeEvent('closing', { reason, retry_after: retryAfter });
    upgradeIfNeeded(raw, tls, (socket) => {
      // After an error, such as a reset, `close` follows.
      socket.on('error', () => undefined);
      socket.end(line);
      if (mayLinger) linger(socket, lingerMilliseconds);
      else socket.destroySoon();
    });
  }
}
