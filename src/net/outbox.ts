// The only code that writes to a socket. Lines gather during a turn of the event loop and leave in one write at its
// end: a write costs the same whatever it carries. What the network does not take at once waits here, within limits.
// Every write ends where a line ends. Bytes that were handed to the socket can't be taken back, but they are whole
// lines, so a 199 that follows them is a line of its own, whatever was dropped before it.
import type { Socket } from 'node:net';
import type { FlushScheduler } from './flush-scheduler.js';

/**
 * About the most that one write carries where more waits: bytes that were handed to the socket can't be dropped any
 * more.
 */
const writeBytes = 262_144;

const LF = 10;

export interface OutboxEvents {
  /** The network has not taken all of a write. It has taken every write before it. */
  onWaiting(): void;
  /** What waited has gone. */
  onDrain(): void;
  /** More events wait than may. Everything that waited was dropped. */
  onOverflow(): void;
}

export class Outbox {
  readonly #socket: Socket;
  readonly #turnEnd: FlushScheduler;
  readonly #maxEventBytes: number;
  readonly #events: OutboxEvents;
  /** Each holds whole lines: one, or many. */
  #lines: (Buffer | string)[] = [];
  /** For each of `#lines`: its bytes if it holds events, 0 if it holds replies. */
  #eventSizes: number[] = [];
  /** The bytes of all `#lines`, and of the events among them. */
  #bytes = 0;
  #eventBytes = 0;
  /** More events wait than may: told at the turn's end, since whoever says the last may be in the middle of telling all. */
  #overflowed = false;
  #dirty = false;
  /** The network has not taken all of the last write. */
  #waiting = false;
  #closed = false;
  #drained: (() => void)[] = [];

  /**
   * @param maxEventBytes events that may wait; replies are not counted, since reading pauses while they wait (PROTOCOL.md §3.3)
   */
  constructor(socket: Socket, turnEnd: FlushScheduler, maxEventBytes: number, events: OutboxEvents) {
    this.#socket = socket;
    this.#turnEnd = turnEnd;
    this.#maxEventBytes = maxEventBytes;
    this.#events = events;
  }

  /** Whether something waits because the client does not read. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /**
   * Whether more events waited than may. Everything that waited was dropped, and the connection has to end with a 199.
   */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Bytes that wait here and with the socket. */
  get bytes(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  /**
   * Whether a write's worth has gathered, which should go out before more is made: some requests are answered with 32
   * KiB each.
   */
  get full(): boolean {
    return this.#bytes > writeBytes;
  }

  /** Sends replies, in whole lines, at the end of the turn. Ignored after an overflow and after `end`. */
  reply(lines: Buffer | string): void {
    if (this.#closed || this.#overflowed) return;
    this.#lines.push(lines);
    this.#eventSizes.push(0);
    this.#bytes += sizeOf(lines);
    this.#soon();
  }

  /** Sends events, in whole lines, at the end of the turn, unless too many wait by then. Ignored as replies are. */
  event(lines: Buffer | string): void {
    if (this.#closed || this.#overflowed) return;
    const size = sizeOf(lines);
    this.#lines.push(lines);
    this.#eventSizes.push(size);
    this.#bytes += size;
    this.#eventBytes += size;
    if (this.#waiting && this.#eventBytes > this.#maxEventBytes) {
      this.#overflowed = true;
      this.#forget();
      this.#turnEnd.add(this);
    } else {
      this.#soon();
    }
  }

  /** Fulfils when all that was handed over is with the network, or the connection is gone. */
  drained(): Promise<void> {
    this.flush();
    if (!this.#waiting || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Writes what has gathered, unless the network still has to take what was written before. */
  flush(): void {
    this.#dirty = false;
    if (this.#overflowed && !this.#closed) {
      this.#events.onOverflow();
      return;
    }
    while (!this.#waiting && !this.#closed && this.#lines.length > 0) this.#write();
  }

  #write(): void {
    this.#socket.write(this.#takePiece(), this.#onWritten);
    // Not `writableNeedDrain`, which says so after every large write until the next tick, whatever the network took.
    if (this.#socket.writableLength === 0) return;
    this.#waiting = true;
    this.#events.onWaiting();
  }

  /** Takes what the next write carries: as a rule all. It ends where a line ends. */
  #takePiece(): Buffer | string {
    if (this.#bytes <= 2 * writeBytes) {
      if (this.#lines.length === 1) return this.#takeOnly();
      const [lines, size] = [this.#lines, this.#bytes];
      this.#forget();
      return joined(lines, size);
    }
    const taken: (Buffer | string)[] = [];
    let bytes = 0;
    while (bytes < writeBytes && this.#lines.length > taken.length) {
      const next = this.#lines[taken.length] ?? '';
      const size = sizeOf(next);
      // A large batch for a room, or a page of history: the rest of it stays in front.
      const part = size > 2 * writeBytes ? this.#cut(taken.length, next, writeBytes - bytes) : next;
      taken.push(part);
      bytes += sizeOf(part);
    }
    this.#lines.splice(0, taken.length);
    for (const size of this.#eventSizes.splice(0, taken.length)) this.#eventBytes -= size;
    this.#bytes -= bytes;
    return joined(taken, bytes);
  }

  /**
   * Takes the only entry, a batch for a room say: most writes are so. The arrays stay, since making two for each write
   * costs as much again.
   */
  #takeOnly(): Buffer | string {
    this.#eventSizes.pop();
    this.#bytes = 0;
    this.#eventBytes = 0;
    return this.#lines.pop() ?? '';
  }

  /** Cuts `lines`, which wait at that index, in two at the first line end after `least` bytes. Returns the first part. */
  #cut(at: number, lines: Buffer | string, least: number): Buffer {
    const bytes = typeof lines === 'string' ? Buffer.from(lines) : lines;
    const lf = bytes.indexOf(LF, least - 1);
    if (lf === -1 || lf + 1 === bytes.length) return bytes;
    const first = bytes.subarray(0, lf + 1);
    const isEvent = (this.#eventSizes[at] ?? 0) > 0;
    this.#lines.splice(at, 1, first, bytes.subarray(lf + 1));
    this.#eventSizes.splice(at, 1, ...(isEvent ? [first.length, bytes.length - first.length] : [0, 0]));
    return first;
  }

  /**
   * Sends what has gathered, then the line `last`, then FIN. Takes nothing more. With `drop`, whatever was not handed to the
   * socket yet is not sent.
   */
  end(last: string | undefined, { drop }: { readonly drop: boolean }): void {
    if (this.#closed) return;
    if (drop) this.#forget();
    if (last !== undefined) {
      this.#lines.push(last);
      this.#eventSizes.push(0);
      this.#bytes += sizeOf(last);
    }
    while (this.#lines.length > 0) this.#socket.write(this.#takePiece());
    this.#socket.end();
    this.close();
  }

  /** The connection is gone, or about to be: takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#forget();
    this.#release();
  }

  #forget(): void {
    this.#lines = [];
    this.#eventSizes = [];
    this.#bytes = 0;
    this.#eventBytes = 0;
  }

  #soon(): void {
    if (this.#dirty || this.#waiting) return;
    this.#dirty = true;
    this.#turnEnd.add(this);
  }

  readonly #onWritten = (): void => {
    if (!this.#waiting || this.#closed || this.#socket.writableLength > 0) return;
    this.#waiting = false;
    this.flush();
    if (this.#waiting) return;
    this.#release();
    this.#events.onDrain();
  };

  #release(): void {
    const drained = this.#drained;
    this.#drained = [];
    for (const resolve of drained) resolve();
  }
}

function sizeOf(lines: Buffer | string): number {
  return typeof lines === 'string' ? Buffer.byteLength(lines) : lines.length;
}

/** One piece to write, of `size` bytes. A lone Buffer goes as it is, so that a batch is not copied for each member. */
function joined(lines: readonly (Buffer | string)[], size: number): Buffer | string {
  const [first] = lines;
  if (lines.length === 1 && first !== undefined) return first;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const line of lines) at += typeof line === 'string' ? bytes.write(line, at) : line.copy(bytes, at);
  return bytes;
}
