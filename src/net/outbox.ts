// The only code that writes to a session's socket. Lines gather during a turn of the event loop and leave in one write
// at its end, because a write costs the same whatever its size. Lines that the network does not take at once wait here,
// within limits. Every write ends at the end of a line, so a 199 can follow even if lines between were dropped.
import type { Socket } from 'node:net';
import type { FlushScheduler } from './flush-scheduler.js';
import type { BufferAccount } from './memory-budget.js';

/** The approximate size of one write, in bytes, if more wait. Bytes that the socket has can't be dropped any more. */
const writeBytes = 262_144;

/**
 * The same where the kernel has not taken all of the write before. Such a write is a copy of its own, and a slow client
 * keeps it for a long time: hundreds of them must not take the memory that everybody shares.
 */
const slowWriteBytes = 32_768;

const LF = 10;

/** What the outbox reports to its connection. */
export interface OutboxEvents {
  /** Whether the session is a guest's. Its lines are written after those of users. */
  readonly isGuest: boolean;
  /** The kernel did not take all of a write. It has taken every write before that one. */
  onWaiting(): void;
  /** Everything that waited has been taken. */
  onDrain(): void;
  /** More events waited than the limit allows. Everything that waited was dropped. */
  onOverflow(): void;
}

/** The lines that are on their way to one client. Replies and events keep the order in which they were added. */
export class Outbox {
  readonly #socket: Socket;
  readonly #scheduler: FlushScheduler;
  readonly #maxEventBytes: number;
  readonly #events: OutboxEvents;
  readonly #account: BufferAccount;
  /** The waiting entries. Each is one or more complete lines. */
  #lines: (Buffer | string)[] = [];
  /** For each entry of `#lines`: its size in bytes if it holds events, 0 if it holds replies. */
  #eventSizes: number[] = [];
  /** The bytes of all entries. */
  #bytes = 0;
  /** The bytes of the entries that hold events. */
  #eventBytes = 0;
  /**
   * More events waited than the limit allows. Reported at the end of the turn: the caller may be in a loop over a room.
   */
  #overflowed = false;
  /** Which flush is scheduled: one at the end of this turn, or one that comes after those of others. */
  #scheduled: 'none' | 'later' | 'soon' = 'none';
  /** The kernel has not taken all of the last write. */
  #waiting = false;
  /** The kernel did not take all of the last write at once. */
  #isSlow = false;
  #closed = false;
  /** Resolves the promises of `drained`. */
  #drainWaiters: (() => void)[] = [];
  /**
   * Whether the entries of `#lines` are on the account. They are while the kernel has not taken the last write: what it
   * takes at once costs no time here.
   */
  #isCounted = false;
  /** The write that the kernel has not taken all of, as it is on the account. */
  #inSocket: { readonly lines: Buffer | string; readonly isShared: boolean } | undefined;
  /** The bytes of the events that wait elsewhere, for `unhold`. */
  #heldBytes = 0;
  /** The bytes of stored messages that were read and are not among the entries yet. */
  #readAhead = 0;

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
    this.#account = account;
  }

  /** Whether something waits because the client does not read. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Whether events were dropped because too many waited. The connection has to end with a 199. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** How many bytes wait here and in the socket. */
  get bytes(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  /** Whether more than so many bytes wait. They should be written before more requests are answered. */
  isFull(most: number): boolean {
    return this.#bytes > most;
  }

  /** Adds replies, as complete lines, to be sent at the end of the turn. Does nothing after an overflow or `end`. */
  reply(lines: Buffer | string): void {
    if (this.#closed || this.#overflowed) return;
    this.#lines.push(lines);
    this.#eventSizes.push(0);
    this.#bytes += sizeOf(lines);
    if (this.#isCounted) this.#count(lines, false);
    this.#scheduleFlush();
  }

  /**
   * Adds events, as complete lines, to be sent at the end of the turn. Does nothing after an overflow or `end`.
   * @param mayWait they are sent when others have their messages, or with whatever comes here before that
   */
  event(lines: Buffer | string, mayWait = false): void {
    if (this.#closed || this.#overflowed) return;
    const size = sizeOf(lines);
    this.#lines.push(lines);
    this.#eventSizes.push(size);
    this.#bytes += size;
    this.#eventBytes += size;
    if (this.#isCounted) this.#count(lines, true);
    if (this.#waiting && this.#eventBytes + this.#heldBytes > this.#maxEventBytes) this.#overflow();
    else this.#scheduleFlush(mayWait);
  }

  /**
   * Counts an event that waits elsewhere, and is added later. It counts as one that waits here: beyond the limit the
   * outbox overflows. `unhold` has to be called for it.
   */
  hold(lines: Buffer | string): void {
    this.#heldBytes += sizeOf(lines);
    this.#count(lines, true);
    if (this.#closed || this.#overflowed) return;
    if (this.#eventBytes + this.#heldBytes > this.#maxEventBytes) this.#overflow();
  }

  /** Counts an event that `hold` counted no longer. */
  unhold(lines: Buffer | string): void {
    this.#heldBytes -= sizeOf(lines);
    this.#uncount(lines, true);
  }

  /** Sets how many bytes of stored messages were read, or are being read, and are not added yet. */
  readAhead(bytes: number): void {
    this.#account.add(bytes - this.#readAhead);
    this.#readAhead = bytes;
  }

  /** Counts bytes that the session takes elsewhere, for the rooms that it is in. A negative number takes them off. */
  keep(bytes: number): void {
    this.#account.keep(bytes);
  }

  #overflow(): void {
    this.#overflowed = true;
    this.#clear();
    this.#schedule(false);
  }

  /** Fulfils when the kernel has taken everything, or the connection is closed. */
  drained(): Promise<void> {
    this.flush();
    if (!this.#waiting || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Writes what waits, unless the kernel has not taken the last write yet. Reports an overflow. */
  flush(): void {
    this.#scheduled = 'none';
    if (this.#overflowed && !this.#closed) {
      this.#events.onOverflow();
      return;
    }
    while (!this.#waiting && !this.#closed && this.#lines.length > 0) this.#write();
  }

  #write(): void {
    const [first, firstEventSize = 0] = [this.#lines[0], this.#eventSizes[0]];
    const lines = this.#takePiece();
    this.#socket.write(lines, this.#onWritten);
    // `writableNeedDrain` would be true after every large write until the next tick, whatever the kernel took.
    this.#isSlow = this.#socket.writableLength > 0;
    if (!this.#isSlow) return;
    this.#waiting = true;
    // A batch for a room that was alone is written without a copy.
    this.#inSocket = { lines, isShared: firstEventSize > 0 && isSameMemory(first, lines) };
    this.#countAll();
    this.#events.onWaiting();
  }

  /** Removes and returns the content of the next write: usually everything. It ends at the end of a line. */
  #takePiece(): Buffer | string {
    const most = this.#isSlow ? slowWriteBytes : writeBytes;
    if (this.#bytes <= 2 * most) {
      if (this.#lines.length === 1) return this.#takeOnly();
      const [lines, size] = [this.#lines, this.#bytes];
      this.#clear();
      return concatenate(lines, size);
    }
    const taken: (Buffer | string)[] = [];
    let bytes = 0;
    while (bytes < most && this.#lines.length > taken.length) {
      const next = this.#lines[taken.length] ?? '';
      const size = sizeOf(next);
      // An entry may be large, such as a page of history. The rest of it stays first in line.
      const part = size > 2 * most ? this.#splitEntry(taken.length, most - bytes) : next;
      taken.push(part);
      bytes += sizeOf(part);
    }
    this.#lines.splice(0, taken.length);
    for (const size of this.#eventSizes.splice(0, taken.length)) this.#eventBytes -= size;
    this.#bytes -= bytes;
    return concatenate(taken, bytes);
  }

  /**
   * Removes and returns the only entry, such as a batch for a room. Most writes are like this. The arrays are reused,
   * because creating two for each write would double its cost.
   */
  #takeOnly(): Buffer | string {
    this.#eventSizes.pop();
    this.#bytes = 0;
    this.#eventBytes = 0;
    return this.#lines.pop() ?? '';
  }

  /**
   * Splits a large entry: `#lines[index]` becomes the shortest run of complete lines with at least `minBytes` bytes,
   * and the rest becomes an entry behind it. Returns that first part. An entry that has no more lines than that stays
   * as it is.
   */
  #splitEntry(index: number, minBytes: number): Buffer {
    const entry = this.#lines[index] ?? '';
    const bytes = typeof entry === 'string' ? Buffer.from(entry) : entry;
    const end = bytes.indexOf(LF, minBytes - 1) + 1;
    if (end === 0 || end === bytes.length) return bytes;
    const [first, rest] = [bytes.subarray(0, end), bytes.subarray(end)];
    this.#lines.splice(index, 1, first, rest);
    const holdsEvents = (this.#eventSizes[index] ?? 0) > 0;
    this.#eventSizes.splice(index, 1, holdsEvents ? first.length : 0, holdsEvents ? rest.length : 0);
    return first;
  }

  /**
   * Sends what waits, then the line `last`, then FIN. With `drop`, what waits is dropped instead of sent. Nothing can
   * be added afterwards.
   */
  end(last: string | undefined, { drop }: { readonly drop: boolean }): void {
    if (this.#closed) return;
    this.#uncountAll();
    if (drop) this.#clear();
    if (last !== undefined) {
      this.#lines.push(last);
      this.#eventSizes.push(0);
      this.#bytes += sizeOf(last);
    }
    while (this.#lines.length > 0) this.#socket.write(this.#takePiece());
    const rest = this.#socket.writableLength;
    this.#account.add(rest);
    this.#socket.end(() => this.#account.add(-rest));
    this.close();
  }

  /** Drops what waits. Nothing can be added afterwards. Called when the connection is closed or about to be. */
  close(): void {
    this.#closed = true;
    this.#uncountAll();
    this.#clear();
    this.#resolveDrained();
  }

  /** Puts everything that waits here and in the socket on the account. */
  #countAll(): void {
    this.#isCounted = true;
    if (this.#inSocket !== undefined) this.#count(this.#inSocket.lines, this.#inSocket.isShared);
    for (const [place, lines] of this.#lines.entries()) this.#count(lines, (this.#eventSizes[place] ?? 0) > 0);
  }

  /** Takes everything that waits here and in the socket off the account. */
  #uncountAll(): void {
    if (!this.#isCounted) return;
    this.#isCounted = false;
    if (this.#inSocket !== undefined) this.#uncount(this.#inSocket.lines, this.#inSocket.isShared);
    this.#inSocket = undefined;
    this.#uncountLines();
  }

  #uncountLines(): void {
    for (const [place, lines] of this.#lines.entries()) this.#uncount(lines, (this.#eventSizes[place] ?? 0) > 0);
  }

  /** @param isShared whether other outboxes may have the lines too, if they are a Buffer */
  #count(lines: Buffer | string, isShared: boolean): void {
    if (isShared && typeof lines !== 'string') this.#account.share(lines);
    else this.#account.add(sizeOf(lines));
  }

  /** Undoes `#count`. */
  #uncount(lines: Buffer | string, isShared: boolean): void {
    if (isShared && typeof lines !== 'string') this.#account.unshare(lines);
    else this.#account.add(-sizeOf(lines));
  }

  #clear(): void {
    if (this.#isCounted) this.#uncountLines();
    this.#lines = [];
    this.#eventSizes = [];
    this.#bytes = 0;
    this.#eventBytes = 0;
  }

  #scheduleFlush(mayWait = false): void {
    if (this.#waiting || this.#scheduled === 'soon' || (mayWait && this.#scheduled === 'later')) return;
    this.#scheduled = mayWait ? 'later' : 'soon';
    this.#schedule(mayWait);
  }

  #schedule(mayWait: boolean): void {
    this.#scheduler.schedule(this, this.#events.isGuest ? 'guest' : mayWait ? 'news' : 'user');
  }

  readonly #onWritten = (): void => {
    if (!this.#waiting || this.#closed || this.#socket.writableLength > 0) return;
    this.#waiting = false;
    this.#uncountAll();
    this.flush();
    // The flush may have written more than the kernel takes.
    if (this.waiting) return;
    this.#resolveDrained();
    this.#events.onDrain();
  };

  #resolveDrained(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

/** Whether `lines` are, or are a part of, the entry `first`. */
function isSameMemory(first: Buffer | string | undefined, lines: Buffer | string): boolean {
  return typeof first === 'object' && typeof lines === 'object' && first.buffer === lines.buffer;
}

function sizeOf(lines: Buffer | string): number {
  return typeof lines === 'string' ? Buffer.byteLength(lines) : lines.length;
}

/**
 * Joins entries of `size` bytes in total. Returns a lone Buffer itself, so that a batch is not copied for each member.
 */
function concatenate(lines: readonly (Buffer | string)[], size: number): Buffer | string {
  const [first] = lines;
  if (lines.length === 1 && first !== undefined) return first;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const line of lines) at += typeof line === 'string' ? bytes.write(line, at) : line.copy(bytes, at);
  return bytes;
}
