// Refuses connections: sends a 199 with the reason, and closes. A refused client may stay for a moment to read it while
// few others do; beyond that the socket is closed at once.
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { encodeClosing } from '../wire/encode-event.js';
import { inWords, type Sentence } from '../wire/words.js';
import type { Admission, AdmissionRefusal, Place } from './admission.js';
import type { GuestReading } from './guest-reading.js';
import type { Handshakes } from './handshakes.js';
import { linger } from './linger.js';
import type { TlsUpgrader } from './tls.js';

/** Milliseconds that a refused client has to read why. */
const lingerMilliseconds = 1000;

/** What a refuser needs. */
export interface RefuserOptions {
  readonly admission: Admission;
  readonly handshakes: Handshakes;
  readonly reading: GuestReading;
  readonly log: Logger;
  /** Called for each refused connection with the reason that its 199 gives. */
  readonly onRefused: (reason: Sentence) => void;
}

/** Refuses connections. */
export class Refuser {
  readonly #options: RefuserOptions;

  constructor(options: RefuserOptions) {
    this.#options = options;
  }

  /**
   * Sends the 199, after the TLS handshake if there is one, and closes. Where too many refused clients stay already,
   * the socket is closed before this returns: with the 199 if it is not encrypted, because that costs nothing then.
   */
  refuse(
    raw: Socket,
    place: Place,
    address: string,
    tls: TlsUpgrader | undefined,
    { reason, retryAfter }: Pick<AdmissionRefusal, 'reason'> & Partial<AdmissionRefusal>,
  ): void {
    const { admission, handshakes, reading, log, onRefused } = this.#options;
    log.debug({ address, reason: inWords(reason, 'en') }, 'connection_refused');
    onRefused(reason);
    const line = encodeClosing(reason, retryAfter);
    if (!place.refuse(address, tls !== undefined)) {
      if (tls === undefined) sayAndClose(raw, line);
      else raw.destroy();
      return;
    }
    const say = (socket: Socket): void => {
      // After an error, such as a reset, `close` follows.
      socket.on('error', ignoreError);
      socket.end(line);
      linger(socket, { raw, address, milliseconds: lingerMilliseconds, reading });
    };
    if (tls === undefined) say(raw);
    else handshakes.begin(raw, { address, isExempt: admission.isExempt(address), isRefused: true }, tls, say);
  }
}

/**
 * Writes a line to a socket on which nothing waits, and closes it before this returns. The system takes so short a line
 * at once. The client may lose it if it has sent something.
 */
export function sayAndClose(raw: Socket, line: string | Buffer): void {
  raw.on('error', ignoreError);
  raw.write(line);
  raw.destroy();
}

function ignoreError(): void {}
