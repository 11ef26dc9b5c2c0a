// One client's connection: its bytes go through the framer to the session while the session wants them and the client
// reads its replies; its end is made here, whoever wanted it.
import type { Socket } from 'node:net';
import { encodeEvent } from '../wire/encode.js';
import { Framer, type Closing, type Frame } from '../wire/framer.js';
import { wontTimingMark } from '../wire/telnet.js';
import { giveUpRetryMilliseconds, type Deadline, type ConnectionDeadlines } from './deadline.js';
import type { EndReason, LineSession } from './line-session.js';
import { Outbox, type OutboxEvents } from './outbox.js';
import type { WatchedConnection, StallDetector } from './stall-detector.js';
import type { FlushScheduler } from './flush-scheduler.js';

export interface ConnectionOptions {
  readonly maxLineBytes: number;
  readonly maxOutboxBytes: number;
  /** Milliseconds without a byte taken, after which a client that should read is given up. */
  readonly stallMilliseconds: number;
  readonly stalls: StallDetector<Connection>;
  readonly deadlines: ConnectionDeadlines<Connection>;
  readonly turnEnd: FlushScheduler;
  /** Told why the server closed a connection, in the 199's words. */
  readonly onClosed: (reason: string) => void;
}

/** Why no more frames are taken, for the 199 and for event 102; empty where the client wanted it. */
interface Finishing {
  readonly reason?: string;
  readonly retryAfter?: number;
  readonly because?: EndReason;
}

/** Why a client is put out, for the 199 and for event 102; milliseconds after which it may come back, where it may. */
export interface CloseReason {
  readonly reason: string;
  readonly because: EndReason;
  readonly retryAfter?: number | undefined;
}

/** Milliseconds after which one connection's requests wait for those of the others. */
const turnMilliseconds = 2;

/** Milliseconds in which a client that was closed for not reading may begin to read after all: then it gets the 199 too. */
const secondChanceMilliseconds = 5000;

/**
 * Milliseconds that one who was put out waits for the replies to what the store has of it already, before the 199 goes
 * without them.
 */
const evictionMilliseconds = 2000;

export class Connection implements OutboxEvents, WatchedConnection {
  readonly outbox: Outbox;
  readonly #socket: Socket;
  readonly #framer: Framer;
  readonly #settings: ConnectionOptions;
  readonly session: LineSession;
  /** No more frames are taken; once the session is idle the connection closes so. */
  #finishing: Finishing | undefined;
  #postponed = false;
  /** The deadline that runs since a line has begun that has not ended. */
  #line: Deadline<Connection> | undefined;
  #loginRuns = false;
  /** The connection is being ended: nothing is answered any more. */
  #closing = false;
  #evicted = false;
  /** The kernel has everything, including the FIN. */
  #handedOver = false;
  /** The other end has everything, as far as the kernel shows. */
  #delivered = false;
  #endReason: EndReason = 'disconnected';

  /**
   * @param raw what is under an encrypted socket, else the socket itself
   * @param openSession makes the session, which may call `proceed` from then on
   */
  constructor(
    socket: Socket,
    readonly raw: Socket,
    settings: ConnectionOptions,
    openSession: (connection: Connection) => LineSession,
  ) {
    this.#socket = socket;
    this.#framer = new Framer(settings.maxLineBytes);
    this.#settings = settings;
    this.outbox = new Outbox(socket, settings.turnEnd, settings.maxOutboxBytes, this);
    this.session = openSession(this);
    this.#watchLogin();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    // A connection that came through a proxy is paused.
    socket.on('data', (bytes: Buffer) => this.#take(bytes)).resume();
    socket.on('end', () => {
      this.#framer.end();
      this.proceed();
    });
    // A reset, say. `close` follows.
    socket.on('error', ignored);
    socket.on('close', () => {
      this.#endTimers();
      this.outbox.close();
      this.session.end(this.#endReason);
      this.session.closed();
    });
  }

  onWaiting(): void {
    this.#settings.stalls.begin(this, this.#settings.stallMilliseconds);
    this.#socket.pause();
  }

  onDrain(): void {
    this.#settings.stalls.end(this);
    this.proceed();
  }

  onStalled(): void {
    if (this.#closing) this.#socket.destroy();
    else this.#giveUp('you read nothing for too long', 'timeout', secondChanceMilliseconds);
  }

  onDelivered(): void {
    if (!this.#handedOver) return;
    this.#delivered = true;
    this.#settings.stalls.end(this);
    this.#settings.deadlines.close.begin(this);
  }

  onOverflow(): void {
    this.#giveUp('you read too slowly', 'server', this.#settings.stallMilliseconds);
  }

  /** Takes frames for as long as the session wants them; called again whenever that may have changed. */
  proceed(): void {
    const start = performance.now();
    while (this.session.ready && !this.outbox.waiting && this.#finishing === undefined && !this.#closing) {
      if (this.outbox.full || performance.now() - start > turnMilliseconds) {
        this.#proceedNextTurn();
        break;
      }
      const frame = this.#framer.next();
      for (let marks = this.#framer.telnet.takeTimingMarks(); marks > 0; marks -= 1) this.outbox.reply(wontTimingMark);
      if (frame === undefined) {
        if (this.#framer.interrupted) continue;
        if (this.#framer.exhausted) this.#finishing = {};
        else if (this.#framer.midLine) this.#beginLine();
        break;
      }
      this.#endLine();
      this.#receive(frame);
    }
    this.#watchLogin();
    if (this.session.quitting) this.#finishing ??= {};
    if (this.#closing) return;
    if (this.#finishing !== undefined && this.session.idle) this.#finish(this.#finishing);
    else this.#pauseOrResume();
  }

  /** Lets the others have their turn, and what has gathered go out: dear requests may come by the thousand in one packet. */
  #proceedNextTurn(): void {
    if (this.#postponed) return;
    this.#postponed = true;
    setImmediate(() => {
      this.#postponed = false;
      this.proceed();
    });
  }

  /** A guest has its time from the moment on when it became one. */
  #watchLogin(): void {
    const guest = !this.session.authenticated && this.#finishing === undefined && !this.#closing;
    if (guest === this.#loginRuns) return;
    this.#loginRuns = guest;
    if (guest) this.#settings.deadlines.login.begin(this);
    else this.#settings.deadlines.login.keep(this);
  }

  #beginLine(): void {
    if (this.#line !== undefined) return;
    this.#line = this.session.authenticated ? this.#settings.deadlines.userLine : this.#settings.deadlines.guestLine;
    this.#line.begin(this);
  }

  #endLine(): void {
    this.#line?.keep(this);
    this.#line = undefined;
  }

  #finish(closing: Finishing): void {
    // Lines were dropped in this very turn: the client has to be told, whatever else ends the connection. But one that
    // was put out is told that.
    if (this.outbox.overflowed && !this.#evicted) {
      this.onOverflow();
      return;
    }
    const { because = 'disconnected' } = closing;
    this.#close(closing, { drop: false, because, patience: this.#settings.stallMilliseconds });
  }

  #endTimers(): void {
    this.#settings.stalls.end(this);
    this.#endLine();
    this.#settings.deadlines.login.keep(this);
    this.#settings.deadlines.close.keep(this);
    this.#settings.deadlines.guestClose.keep(this);
  }

  /**
   * The client does not read: what is not written yet stays unwritten. One that was put out is told that all the same.
   */
  #giveUp(reason: string, because: EndReason, patience: number): void {
    const notReading = { reason, retryAfter: giveUpRetryMilliseconds, because };
    const closing = (this.#evicted ? this.#finishing : undefined) ?? notReading;
    this.#close(closing, { drop: true, because: closing.because ?? because, patience });
  }

  /** Takes no more requests; when those that came are answered, says 199 and closes. */
  finish(reason: string, retryAfter: number | undefined, because: EndReason = 'server'): void {
    this.#finishing ??= { reason, because, ...(retryAfter === undefined ? {} : { retryAfter }) };
    this.proceed();
  }

  /**
   * Puts the client out, at once, whatever it was told before: the session ends, and nothing of what is under way is
   * answered but posts that the store has already; they are waited for so long and no longer. Then 199 and the end,
   * which does not wait for a client that does not read. False where the connection was closing already; then too it
   * has no more time than others who are put out.
   */
  evict({ reason, because, retryAfter }: CloseReason): boolean {
    if (this.#evicted) return false;
    this.#evicted = true;
    const grace = setTimeout(() => this.finishNow(), evictionMilliseconds);
    const limit = setTimeout(() => this.#socket.destroy(), evictionMilliseconds + secondChanceMilliseconds);
    this.#socket.once('close', () => {
      clearTimeout(grace);
      clearTimeout(limit);
    });
    if (this.#closing) return false;
    this.#finishing = { reason, because, ...(retryAfter === undefined ? {} : { retryAfter }) };
    this.session.end(because);
    this.proceed();
    return true;
  }

  /**
   * After `finish` or `evict`: waits for nothing more. A request that is still being carried out gets no answer but
   * the 199.
   */
  finishNow(): void {
    if (this.#finishing !== undefined) this.#finish(this.#finishing);
  }

  /** Whether the client has received everything, including the FIN, as far as the kernel shows. */
  get delivered(): boolean {
    return this.#delivered;
  }

  /** Whether every request is answered, and the last lines only have to reach the client. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Milliseconds since the client was last known to read; 0 where nothing waits for it. */
  get quietMilliseconds(): number {
    return this.#settings.stalls.quietFor(this);
  }

  /** Cuts the connection off: the client has had its time to close. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#closing) return;
    this.#framer.push(bytes);
    this.proceed();
  }

  #receive(frame: Frame): void {
    if (typeof frame === 'string' || 'code' in frame) this.session.receive(frame);
    else this.#receiveClosing(frame.closing);
  }

  #receiveClosing(closing: Closing): void {
    if ('refusal' in closing) {
      this.session.receive(closing.refusal);
      this.#finishing = {};
    } else {
      this.#finishing = { reason: closing.reason, because: 'server' };
    }
  }

  /** Reading stops while requests wait for the session or replies for the client (PROTOCOL.md §3.3). */
  #pauseOrResume(): void {
    if (this.session.ready && !this.outbox.waiting && !this.#postponed && this.#finishing === undefined)
      this.#socket.resume();
    else this.#socket.pause();
  }

  /** @param patience milliseconds for which the client may take nothing of what is left, before it is cut off */
  #close(
    { reason, retryAfter }: { readonly reason?: string; readonly retryAfter?: number },
    { drop, because, patience }: { readonly drop: boolean; readonly because: EndReason; readonly patience: number },
  ): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#endReason = because;
    if (reason !== undefined) this.#settings.onClosed(because === 'kicked' || because === 'banned' ? because : reason);
    const last = reason === undefined ? undefined : encodeEvent('closing', { reason, retry_after: retryAfter });
    this.outbox.end(last, { drop });
    this.#endTimers();
    if (!this.session.authenticated) this.#settings.deadlines.guestClose.begin(this);
    // What is left goes out for as long as the client takes some of it. What it still sends is read and dropped: closing
    // a socket with unread bytes resets the connection, and the client might lose the last lines.
    this.#settings.stalls.begin(this, patience);
    this.#socket.resume();
    this.#socket.once('finish', () => {
      this.#handedOver = true;
      this.#settings.stalls.begin(this, patience);
    });
    // Not at once: this may come from the middle of telling a room something, and others may be about to end as well.
    queueMicrotask(() => this.session.end(because));
  }
}

function ignored(): void {}
