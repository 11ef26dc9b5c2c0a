// One client's connection: its bytes go through the framer to the session while the session wants them and the client
// reads its replies; its end is made here, whoever wanted it.
import type { Socket } from 'node:net';
import { encodeEvent } from '../wire/encode.js';
import { Framer, type Closing, type Frame } from '../wire/framer.js';
import type { Refusal } from '../wire/refusal.js';
import { wontTimingMark } from '../wire/telnet.js';
import { Outbox, type TurnEnd } from './outbox.js';

/** Why a connection ended, in event 102's words. */
export type EndReason = 'disconnected' | 'timeout' | 'server';

/** What is at the inner end of a connection. */
export interface LineSession {
  /** Whether the next frame may come · whether all that came is answered · whether the client asked for the end. */
  readonly ready: boolean;
  readonly idle: boolean;
  readonly quitting: boolean;
  receive(frame: string | Refusal): void;
  end(reason: EndReason): void;
}

export interface ConnectionSettings {
  readonly maxLineBytes: number;
  readonly maxOutboxBytes: number;
  /** Milliseconds without progress after which a client that should read is given up. */
  readonly stallMilliseconds: number;
  readonly turnEnd: TurnEnd;
}

/** When a client that read too slowly may try again. */
const giveUpRetryMilliseconds = 1000;

/** Milliseconds that a client has to close after the server did. */
const lingerMilliseconds = 5000;

export class Connection {
  readonly outbox: Outbox;
  readonly #socket: Socket;
  readonly #framer: Framer;
  readonly #stallMilliseconds: number;
  readonly #session: LineSession;
  /** No more frames are taken; once the session is idle the connection closes so. */
  #finishing: { readonly reason?: string; readonly retryAfter?: number } | undefined;
  #closing = false;
  #endReason: EndReason = 'disconnected';

  /** @param openSession makes the session, which may call `proceed` from then on */
  constructor(socket: Socket, settings: ConnectionSettings, openSession: (connection: Connection) => LineSession) {
    this.#socket = socket;
    this.#framer = new Framer(settings.maxLineBytes);
    this.#stallMilliseconds = settings.stallMilliseconds;
    this.outbox = new Outbox(socket, settings.turnEnd, settings.maxOutboxBytes, {
      onWaiting: () => {
        // Counts from the last progress of a write: the socket sees to that.
        socket.setTimeout(settings.stallMilliseconds);
        socket.pause();
      },
      onDrain: () => {
        socket.setTimeout(0);
        this.proceed();
      },
      onOverflow: () => this.#giveUp('you read too slowly', 'server'),
    });
    this.#session = openSession(this);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => {
      this.#framer.end();
      this.proceed();
    });
    socket.on('timeout', () => {
      if (this.#closing) socket.destroy();
      else this.#giveUp('you read nothing for too long', 'timeout');
    });
    // A reset, say. `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.outbox.close();
      this.#session.end(this.#endReason);
    });
  }

  /** Takes frames for as long as the session wants them; called again whenever that may have changed. */
  proceed(): void {
    while (this.#session.ready && !this.outbox.waiting && this.#finishing === undefined && !this.#closing) {
      const frame = this.#framer.next();
      for (let marks = this.#framer.telnet.takeTimingMarks(); marks > 0; marks -= 1) this.outbox.reply(wontTimingMark);
      if (frame === undefined) {
        if (this.#framer.exhausted) this.#finishing = {};
        break;
      }
      this.#receive(frame);
    }
    if (this.#session.quitting) this.#finishing ??= {};
    if (this.#closing) return;
    if (this.#finishing !== undefined && this.#session.idle) this.#finish(this.#finishing);
    else this.#pauseOrResume();
  }

  #finish(closing: { readonly reason?: string; readonly retryAfter?: number }): void {
    this.#close(closing, { drop: false, because: closing.reason === undefined ? 'disconnected' : 'server' });
  }

  /** The client does not read: what is not written yet stays unwritten. */
  #giveUp(reason: string, because: EndReason): void {
    this.#close({ reason, retryAfter: giveUpRetryMilliseconds }, { drop: true, because });
  }

  /** Takes no more requests; when those that came are answered, says 199 and closes. */
  finish(reason: string, retryAfter: number): void {
    this.#finishing ??= { reason, retryAfter };
    this.proceed();
  }

  #take(bytes: Buffer): void {
    if (this.#closing) return;
    this.#framer.push(bytes);
    this.proceed();
  }

  #receive(frame: Frame): void {
    if (typeof frame === 'string' || 'code' in frame) this.#session.receive(frame);
    else this.#receiveClosing(frame.closing);
  }

  #receiveClosing(closing: Closing): void {
    if ('refusal' in closing) {
      this.#session.receive(closing.refusal);
      this.#finishing = {};
    } else {
      this.#finishing = { reason: closing.reason };
    }
  }

  /** Reading stops while requests wait for the session or replies for the client (PROTOCOL.md §3.3). */
  #pauseOrResume(): void {
    if (this.#session.ready && !this.outbox.waiting && this.#finishing === undefined) this.#socket.resume();
    else this.#socket.pause();
  }

  #close(
    { reason, retryAfter }: { readonly reason?: string; readonly retryAfter?: number },
    { drop, because }: { readonly drop: boolean; readonly because: EndReason },
  ): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#endReason = because;
    const last = reason === undefined ? undefined : encodeEvent('closing', { reason, retry_after: retryAfter });
    this.outbox.end(last, { drop });
    // What is still unsent goes out as long as the client reads: reading pauses until then, so only that counts as progress.
    this.#socket.pause();
    this.#socket.setTimeout(drop ? lingerMilliseconds : this.#stallMilliseconds);
    this.#socket.once('finish', () => linger(this.#socket, lingerMilliseconds));
    this.#session.end(because);
  }
}

/**
 * Waits for the client's end of a connection that has ended on this side, `milliseconds` at most. What still comes is read and
 * dropped: closing with unread bytes would reset the connection, and the client might lose the last lines.
 */
export function linger(socket: Socket, milliseconds: number): void {
  socket.setTimeout(0);
  socket.resume();
  const limit = setTimeout(() => socket.destroy(), milliseconds);
  socket.once('close', () => clearTimeout(limit));
}
