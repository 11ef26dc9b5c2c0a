// Where lines go that nobody may have to wait for: a log. A file takes them at once, before the call returns. A pipe, a
// terminal or a socket whose other end does not read would block the process, so they are never waited for: lines are
// held, up to a limit, then dropped and counted, and when it flows again those that are held come first, in order, and
// then the count is told.
import { constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';

/** Bytes that are held. What comes beyond them is dropped. */
const heldBytes = 1024 * 1024;

/**
 * Between two tries, where nothing is written meanwhile: at first, and at most where only the reader is slow, and where
 * it is an error.
 */
const retry = { first: 10, slow: 200, failed: 5000 } as const;

/** How long `finish` waits, and between two of its tries; milliseconds. */
const finishing = { limit: 500, step: 5 } as const;

/** Keeps those that made a descriptor not block from being collected, which would close it. */
const keepers: Socket[] = [];

export class LineOutput {
  readonly #fd: number;
  /** Told how many lines were lost, when lines flow again. May write. */
  onDropped: (lines: number) => void = () => undefined;
  /**
   * What waits, in order. The first may be the rest of a line whose beginning is out: a pipe keeps that for its next
   * reader.
   */
  #held: Buffer[] = [];
  #bytes = 0;
  /** Lines that came after those that are held, and are gone. */
  #dropped = 0;
  /** What the last try failed with; EAGAIN where the reader is slow. */
  #error = '';
  #timer: NodeJS.Timeout | undefined;
  #delay: number = retry.first;

  /** @param fd is not closed by this, and written to by nobody else who could block it */
  constructor(fd: number) {
    this.#fd = notBlocking(fd);
  }

  /** Takes a whole line. Never blocks where it is no file, and never throws. */
  write(line: string): void {
    if (!this.#isIdle) this.#flush();
    const bytes = Buffer.from(line);
    if (this.#isIdle) {
      const rest = this.#put(bytes);
      if (rest === undefined) return;
      this.#hold(rest);
    } else if (this.#dropped === 0 && this.#bytes + bytes.length <= heldBytes) {
      this.#hold(bytes);
    } else {
      this.#dropped += 1;
    }
    this.#later();
  }

  /** Brings out what is held, for half a second at most: the process is about to end. */
  finish(): void {
    const end = performance.now() + finishing.limit;
    for (this.#flush(); !this.#isIdle && this.#error === 'EAGAIN' && performance.now() < end; this.#flush()) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, finishing.step);
    }
  }

  get #isIdle(): boolean {
    return this.#held.length === 0 && this.#dropped === 0;
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#bytes += bytes.length;
  }

  #flush(): void {
    const before = this.#bytes;
    for (let [first] = this.#held; first !== undefined; [first] = this.#held) {
      const rest = this.#put(first);
      this.#bytes -= first.length - (rest?.length ?? 0);
      if (rest === undefined) {
        this.#held.shift();
        continue;
      }
      this.#held[0] = rest;
      if (this.#bytes < before) this.#delay = retry.first;
      return;
    }
    this.#delay = retry.first;
    const lost = this.#dropped;
    this.#dropped = 0;
    if (lost > 0) this.onDropped(lost);
  }

  /** What could not be written of it; undefined where all could. */
  #put(bytes: Buffer): Buffer | undefined {
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.#fd, bytes, at);
      return undefined;
    } catch (error) {
      this.#error = error instanceof Error && 'code' in error ? String(error.code) : '';
      return bytes.subarray(at);
    }
  }

  /** Tries again when some time is over: it may be the last line for long. */
  #later(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
      if (this.#isIdle) return;
      this.#delay = Math.min(2 * this.#delay, this.#error === 'EAGAIN' ? retry.slow : retry.failed);
      this.#later();
    }, this.#delay).unref();
  }
}

/**
 * A descriptor to the same place that does not block. A pipe or a terminal is opened anew: the flag would hold for all
 * who share the descriptor, a shell say. A socket can't be, and so gets the flag; the journal's is this process' own.
 * What is neither is as it was.
 */
function notBlocking(fd: number): number {
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
    // No /proc, or a terminal that is another user's.
  }
  try {
    keepers.push(new Socket({ fd, readable: false, writable: true }).unref());
  } catch {
    // Neither a pipe nor a socket.
  }
  return fd;
}
