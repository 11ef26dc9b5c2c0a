// One client's connection. Passes frames to the session while the session is ready and the client reads its replies.
// Closes the socket when the client, the session or the server ends the connection.
import type { Socket } from 'node:net';
import { encodeClosing, encodeEvent } from '../wire/encode-event.js';
import { encodeTime } from '../wire/encode.js';
import { Framer, type Closing, type Frame } from '../wire/framer.js';
import { closedFor } from '../wire/reasons.js';
import { wontTimingMark } from '../wire/telnet.js';
import { verbatim, type Sentence } from '../wire/words.js';
import type { BufferAccount, BufferHolder } from './buffer-account.js';
import { ConnectionTimers, slowClientRetryMilliseconds, type DeadlineItem } from './connection-deadlines.js';
import type { CloseReason, ConnectionOptions, GuestPlace } from './connection-options.js';
import type { Keepalive, KeptConnection } from './keepalives.js';
import type { EndReason, LineSession } from './line-session.js';
import { Outbox, type OutboxEvents } from './outbox.js';
import { sayAndClose } from './refuser.js';
import { SocketReader, type ReaderOwner } from './socket-reader.js';
import type { WatchedConnection } from './stall-detector.js';
import type { Step, TurnTaker } from './turn-scheduler.js';

const LF = 10;

/** How a connection is closed: with a 199 if there is a reason, without one if the client asked for the end. */
type Ending = Partial<CloseReason>;

/**
 * Bytes of lines that may wait in the outbox while a user's requests are carried out: eight replies of the greatest
 * length, so a write to the socket is large. Guests have less (`guest_reply_bytes`): all of them together may not fill
 * the memory.
 */
const userReplyBytes = 262_144;

/** Unread bytes from which on a connection that waits for its turn is not read. A small read is often all there is. */
const smallReadBytes = 4096;

/** Milliseconds that a client closed for not reading has to start reading, and so to receive its 199. */
const secondChanceMilliseconds = 5000;

/** Milliseconds that an eviction waits for the replies to posts that are with the store, before it sends the 199. */
const evictionMilliseconds = 2000;

/** The connection of one client, from the end of its handshake to the close of its socket. */
export class Connection
  implements OutboxEvents, WatchedConnection, DeadlineItem, TurnTaker, BufferHolder, ReaderOwner, KeptConnection
{
  readonly outbox: Outbox;
  readonly session: LineSession;
  readonly #socket: Socket;
  readonly #framer: Framer;
  readonly #options: ConnectionOptions<Connection>;
  readonly #timers: ConnectionTimers<Connection>;
  readonly #account: BufferAccount;
  readonly #reader: SocketReader;
  /** The bytes of input on the account: those that wait for the session to be ready, or for the end of a line. */
  #inputBytes = 0;
  /** Undefined unless the session asked for signs of life. */
  #keepalive: Keepalive | undefined;
  /** Set once no more frames are taken. The connection closes this way as soon as the session is idle. */
  #ending: Ending | undefined;
  /** Frames wait for a turn, or are passed on in one right now. */
  #isQueued = false;
  /**
   * Nothing is answered any more: the last lines were handed to the outbox, or the socket is closed. A post that the
   * store answers after the close must not start a deadline again, which would keep the connection in memory.
   */
  #closing = false;
  #evicted = false;
  /** The kernel has everything, including the FIN. */
  #handedOver = false;
  #delivered = false;
  /** The reason that the session gets when the socket closes. */
  #endReason: EndReason = 'disconnected';

  /**
   * @param raw the socket under an encrypted one, or the socket itself
   * @param openSession creates the session, which may call `proceed` from then on
   * @param place undefined if the connection never gives its place to another one
   */
  constructor(
    socket: Socket,
    readonly raw: Socket,
    options: ConnectionOptions<Connection>,
    openSession: (connection: Connection) => LineSession,
    private readonly place?: GuestPlace,
  ) {
    this.#socket = socket;
    this.#framer = new Framer(options.maxLineBytes);
    this.#options = options;
    this.#timers = new ConnectionTimers<Connection>(this, options.deadlines);
    this.#account = options.memory.open(this, 'guest');
    this.outbox = new Outbox(socket, options.flushScheduler, options.maxOutboxBytes, this, this.#account);
    this.#reader = new SocketReader(socket, raw, options.guestReading, this);
    this.session = openSession(this);
    this.#updateGuest();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (bytes: Buffer) => this.#onBytes(bytes));
    this.#readOrWait();
    socket.on('end', () => {
      this.#framer.end();
      this.proceed();
    });
    // After an error, such as a reset, `close` follows.
    socket.on('error', ignoreError);
    socket.on('close', () => {
      this.#closing = true;
      if (this.#isQueued) this.#leaveQueue();
      this.#reader.leave();
      this.#stopTimers();
      this.outbox.close();
      this.#account.close();
      this.session.end(this.#endReason);
      this.session.closed();
    });
  }

  /** Whether the client has received everything, including the FIN, as far as the kernel shows. */
  get delivered(): boolean {
    return this.#delivered;
  }

  /** Whether the session is a guest's. A session that is being created counts as a guest's. */
  get isGuest(): boolean {
    return (this.session as LineSession | undefined)?.authenticated !== true;
  }

  /** Whether every request is answered, and the last lines only have to reach the client. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Milliseconds since the client was last known to read; 0 if nothing waits for it. */
  get quietMilliseconds(): number {
    return this.#options.stalls.quietMilliseconds(this);
  }

  /** The outbox waits for the client to read. */
  onWaiting(): void {
    this.#options.stalls.watch(this, this.#options.stallMilliseconds);
    this.#socket.pause();
  }

  /** The client has read what waited. */
  onDrain(): void {
    this.#options.stalls.unwatch(this);
    this.proceed();
  }

  /** More events waited for the client than the limit allows. */
  onOverflow(): void {
    this.#closeDropping(closedFor.slowly, 'server', this.#options.stallMilliseconds);
  }

  /** The client took nothing for too long. */
  onStalled(): void {
    if (this.#closing) this.#socket.destroy();
    else this.#closeDropping(closedFor.stalled, 'timeout', secondChanceMilliseconds);
  }

  /** All connections together keep too much in memory, and this one most. */
  onMemoryShortage(): void {
    this.#closeDropping(closedFor.memory, 'server', secondChanceMilliseconds);
  }

  /** The client has taken everything that was written so far. */
  onDelivered(): void {
    if (!this.#handedOver) return;
    this.#delivered = true;
    this.#options.stalls.unwatch(this);
    this.#timers.startClose();
  }

  /** Passes frames to the session, now or when it is this connection's turn. Called whenever that may be possible. */
  proceed(): void {
    if (!this.#isQueued && this.#takesFrames) {
      // Set while a request is carried out, too: the request may call `proceed`, which must not begin another one.
      this.#isQueued = true;
      // The end of the stream, or of a line that was read before, needs no turn.
      this.#isQueued =
        this.#framer.unread > 0
          ? this.#options.turns.carryOut(this)
          : this.step() !== 'none' && this.#options.turns.carryOut(this);
    }
    this.#afterFrames();
  }

  /**
   * Sends the client a sign of life (191) whenever no line went out for that many seconds, and closes the connection
   * when nothing came from it for two and a half times as long (PROTOCOL.md §8.4). 0 for neither.
   */
  keepAlive(seconds: number): void {
    const { keepalives } = this.#options;
    if (this.#keepalive !== undefined) keepalives.stop(this.#keepalive);
    this.#keepalive = seconds === 0 || this.#closing ? undefined : keepalives.start(this, seconds * 1000);
    this.outbox.keepalive = this.#keepalive;
  }

  /** As `KeptConnection.isListening`. */
  get isListening(): boolean {
    return this.session.idle && this.#takesFrames && !this.#socket.isPaused();
  }

  /** As `KeptConnection.hasLines`. */
  get hasLines(): boolean {
    return this.outbox.bytes > 0;
  }

  /** As `KeptConnection.sayAlive`. */
  sayAlive(): void {
    this.outbox.event(encodeEvent('alive', { time: encodeTime(Date.now()) }, this.session.format), true);
  }

  /** As `KeptConnection.onSilent`. */
  onSilent(): void {
    this.finish(closedFor.silent, slowClientRetryMilliseconds, 'timeout');
  }

  /** As `ReaderOwner.wantsInput`: what still comes while it closes is read and dropped. */
  get wantsInput(): boolean {
    return this.#closing || this.#takesFrames;
  }

  /** Whether a frame may be passed to the session. */
  get #takesFrames(): boolean {
    return this.session.ready && !this.outbox.waiting && this.#ending === undefined && !this.#closing;
  }

  /** As `TurnTaker.step`: passes the next frame to the session. */
  step(): Step {
    if (!this.#takesFrames) return 'none';
    if (this.outbox.isFull(this.session.authenticated ? userReplyBytes : this.#options.guestReplyBytes)) return 'full';
    const frame = this.#framer.next();
    for (let marks = this.#framer.telnet.takeTimingMarks(); marks > 0; marks -= 1) this.outbox.reply(wontTimingMark);
    if (frame === undefined) {
      if (this.#framer.interrupted) return 'carried out';
      if (this.#framer.exhausted) this.#ending = {};
      else if (this.#framer.midLine) this.#timers.startLine(this.session.authenticated);
      return 'none';
    }
    this.#timers.endLine();
    this.#receive(frame);
    return 'carried out';
  }

  /** As `TurnTaker.turnEnded`. */
  turnEnded(waits: boolean): void {
    this.#isQueued = waits;
    this.#afterFrames();
  }

  /** Ends the connection if it is time to, else reads more, or waits. */
  #afterFrames(): void {
    this.#updateGuest();
    // What was sent while it was not read has come by now, or comes at once.
    this.#keepalive?.heard();
    if (this.session.quitting) this.#ending ??= {};
    if (this.#isQueued && (this.#ending !== undefined || this.#closing)) this.#leaveQueue();
    if (this.#closing) return;
    if (this.#ending !== undefined && this.session.idle) this.#closeSending(this.#ending);
    else this.#pauseOrResume();
  }

  /** Gives up the turn that it waits for: what it has sent is not answered any more. */
  #leaveQueue(): void {
    this.#isQueued = false;
    this.#reader.release();
    this.#options.turns.remove(this);
  }

  #updateGuest(): void {
    const { isGuest } = this;
    const isOpen = this.#ending === undefined && !this.#closing;
    this.#account.setClass(this.session.payerClass);
    this.#timers.setGuest(isGuest && isOpen);
    // A user's session may become a guest's when it ends. Giving way for that would take its last lines.
    if (isOpen) this.place?.setGuest(isGuest);
  }

  #onBytes(bytes: Buffer): void {
    this.place?.heard();
    if (this.#closing) {
      // It is dropped. Hundreds that are closed may go on sending as fast as they can.
      this.#reader.waitForTurn();
      return;
    }
    this.#framer.push(bytes);
    this.proceed();
    // A line that has ended is not late, however long it waits for its turn.
    if (this.#isQueued && this.#timers.hasLine && bytes.includes(LF)) this.#timers.endLine();
  }

  #receive(frame: Frame): void {
    if (typeof frame === 'string' || 'code' in frame) this.session.receive(frame);
    else this.#receiveClosing(frame.closing);
  }

  /** Ends the connection after a frame that makes the rest of the stream unreadable. */
  #receiveClosing(closing: Closing): void {
    if ('refusal' in closing) {
      this.session.receive(closing.refusal);
      this.#ending = {};
    } else {
      this.#ending = { reason: closing.reason, because: 'server' };
    }
  }

  /**
   * Puts the input that waits on the account, also what the socket has read since it was paused. Usually there is none,
   * which costs no time.
   */
  #countInput(): void {
    const bytes = this.#framer.bytes + this.#socket.readableLength;
    if (bytes === this.#inputBytes) return;
    this.#account.add(bytes - this.#inputBytes);
    this.#inputBytes = bytes;
  }

  /** Drops the input that waits, because nothing is answered any more. */
  #dropInput(): void {
    this.#framer.drop();
    this.#account.add(-this.#inputBytes);
    this.#inputBytes = 0;
  }

  /**
   * Pauses reading while requests wait for the session or replies for the client (PROTOCOL.md §3.3): the socket reads
   * once more, and learns of the client's end. Of requests that wait for their turn, one read and a line are held here,
   * and nothing by the socket, unless it is encrypted. Thousands of guests may wait, so theirs are held as bytes alone.
   */
  #pauseOrResume(): void {
    if (this.#isQueued && this.isGuest) this.#framer.compact();
    this.#countInput();
    if (this.#isQueued) {
      if (this.#framer.unread > smallReadBytes) this.#reader.stop();
    } else if (!this.#takesFrames) {
      this.#reader.pause();
    } else if (this.#reader.isIdle) {
      this.#readOrWait();
    }
  }

  /** Guests are read in turns while they keep much. */
  #readOrWait(): void {
    if (this.isGuest && this.#options.guestReading.mustWait) this.#reader.waitForTurn();
    else this.#reader.read();
  }

  /**
   * Takes no more requests. Sends a 199 and closes once those that came are answered. `retryAfter` is in milliseconds.
   */
  finish(reason: Sentence, retryAfter: number | undefined, because: EndReason = 'server'): void {
    this.#ending ??= { reason, because, retryAfter };
    this.proceed();
  }

  /** After `finish` or `evict`: closes without waiting any longer. A request that is still running gets no reply. */
  finishNow(): void {
    if (this.#ending !== undefined) this.#closeSending(this.#ending);
  }

  /**
   * Ends the session at once and closes the connection with a 199. Posts that are with the store still get their reply
   * if it comes within two seconds; no other request does. Seven seconds after the call the socket is destroyed.
   * Returns false if the connection was closing already; those seven seconds count then too.
   */
  evict(why: CloseReason): boolean {
    if (this.#evicted || this.#socket.closed) return false;
    this.#evicted = true;
    const answerLimit = setTimeout(() => this.finishNow(), evictionMilliseconds);
    const closeLimit = setTimeout(() => this.#socket.destroy(), evictionMilliseconds + secondChanceMilliseconds);
    this.#socket.once('close', () => {
      clearTimeout(answerLimit);
      clearTimeout(closeLimit);
    });
    if (this.#closing) return false;
    const { reason, because, retryAfter } = why;
    this.#ending = { reason, because, retryAfter };
    this.session.end(because);
    this.proceed();
    return true;
  }

  /**
   * Cuts the connection off before this returns, and tells why. A client that is owed something is not told: it may be
   * in the middle of a line.
   */
  cutOff({ reason, retryAfter }: CloseReason): void {
    // One that is closing was counted with the reason that it was told.
    if (!this.#closing) this.#options.onClosed(reason);
    if (this.#closing || this.outbox.bytes + this.raw.writableLength > 0) this.destroy();
    else sayAndClose(this.#socket, encodeClosing(reason, retryAfter, this.session.format));
  }

  /** Cuts the connection off at once. Nothing more is sent. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Closes in the usual way: sends everything that waits in the outbox, and then the 199 if there is one. */
  #closeSending(ending: Ending): void {
    // The outbox has dropped events in this turn. Then the reason of the 199 is that the client read too slowly, unless
    // the client is evicted.
    if (this.outbox.overflowed && !this.#evicted) {
      this.onOverflow();
      return;
    }
    this.#beginClose(ending, { drop: false, patience: this.#options.stallMilliseconds });
  }

  /** Closes the connection of a client that does not read: drops what waits in the outbox, and sends only the 199. */
  #closeDropping(reason: Sentence, because: EndReason, patience: number): void {
    const notReading = { reason, because, retryAfter: slowClientRetryMilliseconds };
    // The 199 of an evicted client gives the eviction as the reason.
    const ending = (this.#evicted ? this.#ending : undefined) ?? notReading;
    this.#beginClose({ ...ending, because: ending.because ?? because }, { drop: true, patience });
  }

  /**
   * The part that both ways to close share: hands the last lines and the FIN to the outbox, and ends the session. Does
   * nothing if the connection is closing already.
   *
   * @param patience milliseconds for which the client may take nothing of what is left, before it is cut off
   */
  #beginClose(
    { reason, retryAfter, because = 'disconnected' }: Ending,
    { drop, patience }: { readonly drop: boolean; readonly patience: number },
  ): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#isQueued) this.#leaveQueue();
    this.#endReason = because;
    this.#account.setClass('leaving');
    this.#dropInput();
    this.#reader.leave();
    if (reason !== undefined)
      this.#options.onClosed(because === 'kicked' || because === 'banned' ? verbatim(because) : reason);
    const last = reason === undefined ? undefined : encodeClosing(reason, retryAfter, this.session.format);
    this.outbox.end(last, { drop });
    this.#stopTimers();
    if (!this.session.authenticated) this.#timers.startGuestClose();
    // Sending goes on for as long as the client takes something. Input is read and dropped: closing a socket with
    // unread bytes resets the connection, and the client might lose the last lines.
    this.#options.stalls.watch(this, patience);
    this.#socket.resume();
    this.#socket.once('finish', () => {
      this.#handedOver = true;
      this.#options.stalls.watch(this, patience);
    });
    // Not at once: the caller may be in a loop over a room's members, or about to close other connections too.
    queueMicrotask(() => this.session.end(because));
  }

  #stopTimers(): void {
    this.keepAlive(0);
    this.#options.stalls.unwatch(this);
    this.#timers.cancelAll();
  }
}

function ignoreError(): void {}
