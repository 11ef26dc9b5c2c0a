// The only code that writes to a socket. Lines gather during a turn of the event loop and leave in one write at its end:
// a write costs the same whatever it carries. What the network does not take at once waits here, within limits.
import type { Socket } from 'node:net';
import type { TurnEnd } from './turn-end.js';

/** About the most that one write carries: each that the network has taken shows that the client reads. */
const writeBytes = 262_144;

export interface OutboxEvents {
  /** The client has not read all of the last write. */
  onWaiting(): void;
  /** The client has read on, and something waits still. */
  onProgress(): void;
  /** What waited has gone. */
  onDrain(): void;
  /** More events wait than may. */
  onOverflow(): void;
}

export class Outbox {
  readonly #socket: Socket;
  readonly #turnEnd: TurnEnd;
  readonly #maxEventBytes: number;
  readonly #events: OutboxEvents;
  #lines: (Buffer | string)[] = [];
  /** What the lines hold, and how much of it may be events; a string's characters for its bytes. */
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
  constructor(socket: Socket, turnEnd: TurnEnd, maxEventBytes: number, events: OutboxEvents) {
    this.#socket = socket;
    this.#turnEnd = turnEnd;
    this.#maxEventBytes = maxEventBytes;
    this.#events = events;
  }

  /** Whether something waits because the client does not read. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Bytes that wait here and with the socket. */
  get bytes(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  /** Whether a write's worth has gathered, which should go out before more is made: some requests are answered with 32 KiB each. */
  get full(): boolean {
    return this.#bytes > writeBytes;
  }

  reply(line: Buffer | string): void {
    if (this.#closed || this.#overflowed) return;
    this.#lines.push(line);
    this.#bytes += line.length;
    this.#soon();
  }

  event(line: Buffer | string): void {
    if (this.#closed || this.#overflowed) return;
    this.#lines.push(line);
    this.#bytes += line.length;
    this.#eventBytes += line.length;
    if (this.#waiting && this.#eventBytes > this.#maxEventBytes) {
      this.#overflowed = true;
      this.#lines = [];
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

  /** Takes what the next write carries from the lines: as a rule all. */
  #takePiece(): Buffer | string {
    let count = 0;
    let bytes = 0;
    for (; count < this.#lines.length && bytes < writeBytes; count += 1) bytes += this.#lines[count]?.length ?? 0;
    const taken = count === this.#lines.length ? this.#lines : this.#lines.slice(0, count);
    this.#lines = taken === this.#lines ? [] : this.#lines.slice(count);
    const last = taken[taken.length - 1];
    if (bytes > 2 * writeBytes && last instanceof Buffer) {
      // A large batch for a room: the rest of it waits in front.
      const excess = bytes - writeBytes;
      taken[taken.length - 1] = last.subarray(0, last.length - excess);
      this.#lines.unshift(last.subarray(last.length - excess));
      bytes = writeBytes;
    }
    this.#bytes = this.#lines.length === 0 ? 0 : this.#bytes - bytes;
    this.#eventBytes = Math.min(this.#eventBytes, this.#bytes);
    return joined(taken);
  }

  /** Sends what has gathered and `last`, then FIN; takes nothing more. With `drop`, what is not written yet goes unsent. */
  end(last: string | undefined, { drop }: { readonly drop: boolean }): void {
    if (this.#closed) return;
    if (drop) this.#lines = [];
    if (last !== undefined) this.#lines.push(last);
    if (this.#lines.length > 0) this.#socket.write(joined(this.#lines));
    this.#socket.end();
    this.close();
  }

  /** The connection is gone, or about to be: takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#lines = [];
    this.#release();
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
    if (this.#waiting) {
      this.#events.onProgress();
      return;
    }
    this.#release();
    this.#events.onDrain();
  };

  #release(): void {
    const drained = this.#drained;
    this.#drained = [];
    for (const resolve of drained) resolve();
  }
}

/** One piece to write. A line alone goes as it is, so that a batch's lines are not copied for each who hears them. */
function joined(lines: readonly (Buffer | string)[]): Buffer | string {
  const [first] = lines;
  if (lines.length === 1 && first !== undefined) return first;
  let most = 0;
  for (const line of lines) most += typeof line === 'string' ? 3 * line.length : line.length;
  const bytes = Buffer.allocUnsafe(most);
  let at = 0;
  for (const line of lines) at += typeof line === 'string' ? bytes.write(line, at) : line.copy(bytes, at);
  return bytes.subarray(0, at);
}
