// The only code that writes to a session's socket. Lines gather during a turn of the event loop and leave in one write
// at its end, because a write costs the same whatever its size. Lines that the network does not take at once wait here,
// within limits. Every write ends at the end of a line, so a 199 can follow even if lines between were dropped.
import type { Socket } from 'node:net';
import type { FlushScheduler } from './flush-scheduler.js';
import type { BufferAccount } from './buffer-account.js';
import type { Keepalive } from './keepalives.js';
import { sizeOf, type Lines } from './lines.js';
import { OutboxAccount } from './outbox-account.js';
import { runtimeQueueBytes } from './stall-detector.js';
import { WaitingLines } from './waiting-lines.js';

/** The approximate size of one write, in bytes, if more wait. Bytes that the socket has can't be dropped any more. */
const writeBytes = 262_144;

/**
 * The same once the kernel has not taken all of a write, until it has taken everything. Such a write is a copy of its
 * own, and a client that stops reading keeps it for a long time: hundreds of them must not take the memory that
 * everybody shares.
 */
const slowWriteBytes = 32_768;

/** What the outbox reports to its connection. */
export interface OutboxEvents {
  /** Whether the session is a guest's. Its lines are written after those of users. */
  readonly isGuest: boolean;
  /** The TCP or Unix socket: for an encrypted connection, the one under TLS. */
  readonly raw: Socket;
  /** The kernel did not take all of a write. It has taken every write before that one. */
  onWaiting(): void;
  /** Everything that waited has been taken. */
  onDrain(): void;
  /** More events wait than the limit allows. Ends the outbox, which drops all that waits. */
  onOverflow(): void;
}

/** The lines that are on their way to one client. Replies and events keep the order in which they were added. */
export class Outbox {
  readonly #socket: Socket;
  readonly #scheduler: FlushScheduler;
  readonly #maxEventBytes: number;
  readonly #events: OutboxEvents;
  readonly #account: OutboxAccount;
  readonly #lines = new WaitingLines();
  /**
   * More events wait than the limit allows. Reported at the end of the turn: the caller may be in a loop over a room.
   */
  #overflowed = false;
  /** Which flush is scheduled: one at the end of this turn, or one that comes after those of others. */
  #scheduled: 'none' | 'later' | 'soon' = 'none';
  /** The kernel has not taken all of the last write. */
  #waiting = false;
  /** The kernel did not take all of a write at once, and has not taken everything since. */
  #isSlow = false;
  /**
   * Whether others' lines go first while it is slow. Not where the kernel took the last write at once, and the runtime
   * only tells of it a turn later, as it does of every write to TLS.
   */
  #isBehind = false;
  #closed = false;
  /** Resolves the promises of `drained`. */
  #drainWaiters: (() => void)[] | undefined;

  /**
   * @param maxEventBytes the most bytes of events that may wait. Replies are not counted, because reading pauses while
   *   they wait (PROTOCOL.md §3.3).
   * @param account takes the bytes that wait. The caller closes it when the socket is closed
   */
  constructor(
    socket: Socket,
    scheduler: FlushScheduler,
    maxEventBytes: number,
    events: OutboxEvents,
    account: BufferAccount,
  ) {
    this.#socket = socket;
    this.#scheduler = scheduler;
    this.#maxEventBytes = maxEventBytes;
    this.#events = events;
    this.#account = new OutboxAccount(account, this.#lines);
  }

  /** Is told when lines have gone out; undefined unless the session asked for signs of life. */
  keepalive: Keepalive | undefined;

  /** Whether something waits because the client does not read. */
  get waiting(): boolean {
    return this.#isSlow;
  }

  /** Whether too many events waited. Nothing more is taken, and the connection has to end with a 199. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** How many bytes wait here and in the socket. */
  get bytes(): number {
    return this.#lines.bytes + this.#socket.writableLength;
  }

  /** Whether more than so many bytes wait. They should be written before more requests are answered. */
  isFull(most: number): boolean {
    return this.#lines.bytes > most;
  }

  /** Adds replies, as complete lines, to be sent at the end of the turn. Does nothing after an overflow or `end`. */
  reply(lines: Lines): void {
    if (this.#closed || this.#overflowed) return;
    this.#lines.add(lines, sizeOf(lines), false);
    this.#account.added(lines, false);
    this.#scheduleFlush();
  }

  /**
   * Adds events, as complete lines, to be sent at the end of the turn. Does nothing after an overflow or `end`.
   * @param mayWait they are sent when others have their messages, or with whatever comes here before that
   */
  event(lines: Lines, mayWait = false): void {
    if (this.#closed || this.#overflowed) return;
    this.#lines.add(lines, sizeOf(lines), true);
    this.#account.added(lines, true);
    if (this.#isSlow && this.#hasTooMany) this.#overflow();
    else this.#scheduleFlush(mayWait);
  }

  /**
   * Counts an event that waits elsewhere, and is added later. It counts as one that waits here: beyond the limit the
   * outbox overflows. `unhold` has to be called for it.
   */
  hold(lines: Lines): void {
    this.#account.hold(lines);
    if (this.#closed || this.#overflowed) return;
    if (this.#hasTooMany) this.#overflow();
  }

  /** Counts an event that `hold` counted no longer. */
  unhold(lines: Lines): void {
    this.#account.unhold(lines);
  }

  /** Sets how many bytes of stored messages were read, or are being read, and are not added yet. */
  readAhead(bytes: number): void {
    this.#account.readAhead(bytes);
  }

  /** Counts bytes that the session takes elsewhere, for the rooms that it is in. A negative number takes them off. */
  keep(bytes: number): void {
    this.#account.keep(bytes);
  }

  /** Whether more events wait than the limit allows. */
  get #hasTooMany(): boolean {
    return this.#lines.eventBytes + this.#account.heldBytes > this.#maxEventBytes;
  }

  /** What waits is dropped when this is flushed: hundreds may overflow by the same message, in the loop over a room. */
  #overflow(): void {
    this.#overflowed = true;
    this.#schedule(false);
  }

  /** Fulfils when the kernel has taken everything, or the connection is closed. */
  drained(): Promise<void> {
    this.flush();
    if (!this.#isSlow || this.#closed) return Promise.resolve();
    return new Promise((resolve) => (this.#drainWaiters ??= []).push(resolve));
  }

  /**
   * Writes what waits, unless the kernel has not taken the last write yet. Reports an overflow. Returns how many bytes
   * do not wait here any more.
   */
  flush(): number {
    this.#scheduled = 'none';
    const { bytes } = this.#lines;
    if (this.#overflowed && !this.#closed) this.#events.onOverflow();
    else if (!this.#waiting && !this.#closed) this.#writeAll();
    return bytes - this.#lines.bytes;
  }

  /** Writes what waits, until the kernel does not take all of a write. */
  #writeAll(): void {
    const wasSlow = this.#isSlow;
    this.#account.release();
    while (!this.#waiting && this.#lines.bytes > 0) this.#write();
    this.#isSlow = this.#waiting;
    this.keepalive?.wrote();
    if (!wasSlow || this.#isSlow) return;
    this.#resolveDrained();
    this.#events.onDrain();
  }

  #write(): void {
    const { first, firstHoldsEvents } = this.#lines;
    const lines = this.#takePiece();
    this.#socket.write(lines, this.#onWritten);
    // `writableNeedDrain` would be true after every large write until the next tick, whatever the kernel took.
    if (this.#socket.writableLength === 0) return;
    this.#isSlow = true;
    this.#waiting = true;
    // TLS hands a large write to the kernel in several pieces, one a turn.
    this.#isBehind =
      this.#lines.bytes > 0 || sizeOf(lines) > 2 * slowWriteBytes || runtimeQueueBytes(this.#events.raw) > 0;
    this.#account.waits({ lines, first, firstHoldsEvents });
    this.#events.onWaiting();
  }

  /** Removes and returns the content of the next write: usually everything. */
  #takePiece(): Lines {
    return this.#lines.take(this.#isSlow ? slowWriteBytes : writeBytes);
  }

  /**
   * Sends what waits, then the line `last`, then FIN. With `drop`, or after an overflow, what waits is dropped instead
   * of sent. Nothing can be added afterwards.
   */
  end(last: string | undefined, { drop }: { readonly drop: boolean }): void {
    if (this.#closed) return;
    this.#account.release();
    if (drop || this.#overflowed) this.#lines.clear();
    if (last !== undefined) this.#lines.add(last, sizeOf(last), false);
    while (this.#lines.bytes > 0) this.#socket.write(this.#takePiece());
    const rest = this.#socket.writableLength;
    this.#account.leave(rest);
    this.#socket.end(() => this.#account.leave(-rest));
    this.close();
  }

  /** Drops what waits. Nothing can be added afterwards. Called when the connection is closed or about to be. */
  close(): void {
    this.#closed = true;
    this.#account.release();
    this.#lines.clear();
    this.#resolveDrained();
  }

  /** @param mayWait whether others' lines go first even if the client reads */
  #scheduleFlush(mayWait = false): void {
    const isLater = mayWait || (this.#isSlow && this.#isBehind);
    if (this.#waiting || this.#scheduled === 'soon' || (isLater && this.#scheduled === 'later')) return;
    this.#scheduled = isLater ? 'later' : 'soon';
    this.#schedule(isLater);
  }

  #schedule(mayWait: boolean): void {
    this.#scheduler.schedule(this, this.#events.isGuest ? 'guest' : mayWait ? 'later' : 'user');
  }

  readonly #onWritten = (): void => {
    if (!this.#waiting || this.#closed || this.#socket.writableLength > 0) return;
    this.#waiting = false;
    this.#account.taken();
    if (this.#lines.bytes > 0) this.#scheduleFlush();
    else this.#writeAll();
  };

  #resolveDrained(): void {
    const waiters = this.#drainWaiters ?? [];
    this.#drainWaiters = undefined;
    for (const resolve of waiters) resolve();
  }
}
