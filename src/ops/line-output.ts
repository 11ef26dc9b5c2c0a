// Writes lines that nobody may have to wait for, such as the log's. A file takes them at once, before the call returns.
// A pipe, a terminal or a socket whose other end does not read would block the process, so it is never waited for:
// lines are queued up to a limit, then dropped and counted. When the other end reads again, the queued lines come
// first, in order, and then the count.
import { constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';

/** The most bytes that are queued. Lines beyond it are dropped. */
const maxQueuedBytes = 1024 * 1024;

/**
 * Milliseconds between two tries to write: the first pause, which doubles; the longest one while the reader is slow;
 * the longest one after an error.
 */
const retry = { first: 10, slow: 200, failed: 5000 } as const;

/** Milliseconds for which `finish` waits at most, and between two of its tries. */
const finishing = { limit: 500, step: 5 } as const;

/** Sockets that made a descriptor non-blocking. If they were garbage-collected, the descriptor would be closed. */
const keptSockets: Socket[] = [];

/** Writes whole lines to a file descriptor without ever blocking, if it is no file, and without ever throwing. */
export class LineOutput {
  readonly #fd: number;
  /** Is called with the number of lines that were lost when lines flow again. May write. */
  onDropped: (lines: number) => void = () => undefined;
  /**
   * Lines that wait, in order. The first may be the rest of a line whose beginning is written: a pipe's next reader
   * gets it.
   */
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** How many lines were dropped. They came after the queued ones. */
  #dropped = 0;
  /** The error code of the last try; EAGAIN if the reader is slow. */
  #error = '';
  #timer: NodeJS.Timeout | undefined;
  #delay: number = retry.first;

  /** @param fd is never closed by this. Nobody else may write to it in a way that blocks. */
  constructor(fd: number) {
    this.#fd = nonBlocking(fd);
  }

  /** Writes a whole line, or queues or drops it. */
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

  /** Writes what is queued, within half a second. Blocks. For a process that is about to end. */
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

  /** Returns the part that could not be written; undefined if all could. */
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
 * Returns a descriptor to the same place that does not block. A pipe or a terminal is opened again, because the flag
 * would hold for all who share the descriptor, such as a shell. A socket can't be opened again, so it gets the flag;
 * the journal's socket is this process' own. A file stays as it is.
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
    keptSockets.push(new Socket({ fd, readable: false, writable: true }).unref());
  } catch {
    // It is neither a pipe nor a socket.
  }
  return fd;
}
