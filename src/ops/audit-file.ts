// Appends lines to the file of the audit trail. Lines that can't be written are queued up to a limit, and written once
// the file can be written again.
import { closeSync, writeSync } from 'node:fs';
import { openAppending } from './audit-path.js';

/** The most bytes that are queued while the file can't be written. Lines beyond it are dropped and counted. */
const maxQueuedBytes = 1024 * 1024;

/** Milliseconds between two tries. */
const retryMilliseconds = 5000;

/** The reports of an audit file. */
export interface AuditEvents {
  /** The file can't be written. Not called again until `onResumed` was. */
  readonly onFailure: (error: unknown) => void;
  /** The file can be written again. `dropped` is the number of lost lines. */
  readonly onResumed: (dropped: number) => void;
}

/** The lines that a file could not write. */
export interface Unwritten {
  /** Complete lines, in order. The beginning of the first may be in the file already. */
  readonly lines: readonly Buffer[];
  /** The number of lines after them that were dropped. */
  readonly dropped: number;
}

/** Appends lines. When `write` returns, the system has the line, or it is queued or dropped. */
export class AuditFile {
  readonly path: string;
  readonly #events: AuditEvents;
  readonly #retryAfter: number;
  #fd: number | undefined;
  /** Complete lines that the system has not taken. It may have taken the beginning of the first. */
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** How many bytes of the first queued line the system has taken. */
  #writtenOfFirst = 0;
  #dropped = 0;
  #failing = false;
  #retry: NodeJS.Timeout | undefined;

  /** @param retryAfter milliseconds between two tries to write a file that fails */
  constructor(path: string, events: AuditEvents, retryAfter = retryMilliseconds) {
    this.path = path;
    this.#events = events;
    this.#retryAfter = retryAfter;
  }

  /** Opens the file, and creates it for the daemon's user alone if it is missing. Throws AuditError. */
  open(): void {
    this.#fd ??= openAppending(this.path);
  }

  /** Reports the failure, and tries again every few seconds from now on. */
  retryAfterFailure(error: unknown): void {
    this.#fail(error);
  }

  /** Appends a line. */
  write(line: string): void {
    this.#enqueue(Buffer.from(line));
    // While the file fails, only the timer tries again.
    if (!this.#failing) this.#flush();
  }

  /** Takes over from another file: writes the lines that the other could not write, and reports how many it lost. */
  takeOver({ lines, dropped }: Unwritten): void {
    for (const line of lines) this.#enqueue(line);
    this.#flush();
    if (this.#failing) this.#dropped += dropped;
    else this.#events.onResumed(dropped);
  }

  /** Tries to write the queue, closes the file, and returns what is left. Nothing may be written afterwards. */
  close(): Unwritten {
    if (this.#queuedBytes > 0) this.#flush();
    clearTimeout(this.#retry);
    try {
      if (this.#fd !== undefined) closeSync(this.#fd);
    } catch (error) {
      this.#events.onFailure(error);
    }
    this.#fd = undefined;
    return { lines: this.#queue, dropped: this.#dropped };
  }

  #enqueue(line: Buffer): void {
    // After the first dropped line all others are dropped too, so that there is only one gap.
    if (this.#dropped > 0 || this.#queuedBytes + line.length > maxQueuedBytes) {
      this.#dropped += 1;
      return;
    }
    this.#queue.push(line);
    this.#queuedBytes += line.length;
  }

  #flush(): void {
    try {
      this.open();
      while (this.#queuedBytes > 0) this.#writeOnce(this.#fd ?? -1);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!this.#failing && this.#dropped === 0) return;
    this.#failing = false;
    this.#events.onResumed(this.#dropped);
    this.#dropped = 0;
  }

  /** Writes once. The rest that the system did not take stays first, so that a line ends before the next begins. */
  #writeOnce(fd: number): void {
    this.#writtenOfFirst += writeSync(fd, Buffer.concat(this.#queue).subarray(this.#writtenOfFirst));
    for (
      let [first] = this.#queue;
      first !== undefined && this.#writtenOfFirst >= first.length;
      [first] = this.#queue
    ) {
      this.#queue.shift();
      this.#queuedBytes -= first.length;
      this.#writtenOfFirst -= first.length;
    }
  }

  #fail(error: unknown): void {
    if (!this.#failing) this.#events.onFailure(error);
    this.#failing = true;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#flush(), this.#retryAfter).unref();
  }
}
