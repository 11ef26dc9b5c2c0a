// Writes lines, such as the log's, without ever waiting for a reader. A file gets each line before the call returns. If
// a pipe, a terminal or a socket takes nothing because its reader is slow, lines are queued up to a limit, then dropped
// and counted. When the reader goes on, it gets the queued lines in order, and `onDropped` is told the count.
import { constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';

/** The most bytes that are queued. Lines beyond it are dropped. */
const maxQueuedBytes = 1024 * 1024;

/**
 * Milliseconds between two tries to write. The pause starts at `first` and doubles, up to `slow` while the reader is
 * slow, and up to `failed` after any other error.
 */
const retry = { first: 10, slow: 200, failed: 5000 } as const;

/** The milliseconds that `finish` waits: in total at most (`limit`), and between two tries (`step`). */
const finishing = { limit: 500, step: 5 } as const;

/** References to sockets that made a descriptor non-blocking. Garbage collection would close the descriptor. */
const openSockets: Socket[] = [];

/** Writes lines to a file descriptor. Never throws, and blocks only for a file. */
export class LineOutput {
  readonly #fd: number;
  /** Called with the number of dropped lines once lines can be written again. It may write. */
  onDropped: (lines: number) => void = () => undefined;
  /** The lines that wait, in order. The first may be the rest of a line whose beginning is written. */
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** The number of dropped lines. They came after the queued ones. */
  #dropped = 0;
  /** The error code of the last try; EAGAIN if the reader is slow. */
  #error = '';
  #timer: NodeJS.Timeout | undefined;
  #delay: number = retry.first;

  /** @param fd the descriptor to write to; never closed here. No other code may write to it in a way that blocks. */
  constructor(fd: number) {
    this.#fd = nonBlocking(fd);
  }

  /** Writes a line, which ends in a line feed. Queues or drops it if it can't be written now. */
  write(line: string): void {
    if (!this.#isIdle) this.#flush();
    const bytes = Buffer.from(line);
    if (this.#isIdle) {
      const rest = this.#tryWrite(bytes);
      if (rest === undefined) return;
      this.#enqueue(rest);
    } else if (this.#dropped === 0 && this.#queuedBytes + bytes.length <= maxQueuedBytes) {
      this.#enqueue(bytes);
    } else {
      this.#dropped += 1;
    }
    this.#retryLater();
  }

  /** Writes what is queued, and blocks for half a second at most. For a process that is about to end. */
  finish(): void {
    const end = performance.now() + finishing.limit;
    this.#flush();
    while (!this.#isIdle && this.#error === 'EAGAIN' && performance.now() < end) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, finishing.step);
      this.#flush();
    }
  }

  get #isIdle(): boolean {
    return this.#queue.length === 0 && this.#dropped === 0;
  }

  #enqueue(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  #flush(): void {
    const before = this.#queuedBytes;
    for (let [first] = this.#queue; first !== undefined; [first] = this.#queue) {
      const rest = this.#tryWrite(first);
      this.#queuedBytes -= first.length - (rest?.length ?? 0);
      if (rest === undefined) {
        this.#queue.shift();
        continue;
      }
      this.#queue[0] = rest;
      if (this.#queuedBytes < before) this.#delay = retry.first;
      return;
    }
    this.#delay = retry.first;
    const lost = this.#dropped;
    this.#dropped = 0;
    if (lost > 0) this.onDropped(lost);
  }

  /** Writes, and returns the part that could not be written; undefined if there is none. */
  #tryWrite(bytes: Buffer): Buffer | undefined {
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.#fd, bytes, at);
      return undefined;
    } catch (error) {
      this.#error = error instanceof Error && 'code' in error ? String(error.code) : '';
      return bytes.subarray(at);
    }
  }

  /** Tries again after a pause, because the next line may come much later. */
  #retryLater(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
      if (this.#isIdle) return;
      this.#delay = Math.min(2 * this.#delay, this.#error === 'EAGAIN' ? retry.slow : retry.failed);
      this.#retryLater();
    }, this.#delay).unref();
  }
}

/**
 * Returns a non-blocking descriptor for the same output. A pipe or a terminal is opened again, because O_NONBLOCK would
 * also affect others that share the descriptor, such as a shell. A socket can't be opened again and gets O_NONBLOCK
 * itself. A file is returned as it is.
 */
function nonBlocking(fd: number): number {
  let stats: Stats;
  try {
    stats = fstatSync(fd);
  } catch {
    return fd;
  }
  if (!stats.isFIFO() && !stats.isCharacterDevice() && !stats.isSocket()) return fd;
  try {
    if (!stats.isSocket())
      return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // There is no /proc, or the terminal is another user's.
  }
  try {
    openSockets.push(new Socket({ fd, readable: false, writable: true }).unref());
  } catch {
    // It is neither a pipe nor a socket.
  }
  return fd;
}
