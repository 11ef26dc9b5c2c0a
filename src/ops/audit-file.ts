// Appends to the file of the audit trail. Lines that can't be written are queued up to a limit, and written once the
// file takes them.
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOf } from '../text/reason.js';

/** The file can't be written. The message names it and says why. */
export class AuditError extends Error {
  /** @param path the file */
  constructor(
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The most bytes that are queued while the file can't be written. Lines beyond it are dropped and counted. */
const maxQueuedBytes = 1024 * 1024;

/** Milliseconds between two tries. */
const retryMilliseconds = 5000;

/** What the file reports. */
export interface AuditEvents {
  /** The file can't be written. Called once, until it can be written again. */
  readonly onFailure: (error: unknown) => void;
  /** The file can be written again. `dropped` is the number of lines that are lost. */
  readonly onResumed: (dropped: number) => void;
}

/** The lines that a file was given and could not write. */
export interface Unwritten {
  /** Whole lines in their order. The beginning of the first may be in the file. */
  readonly lines: readonly Buffer[];
  /** The number of lines after them that were dropped. */
  readonly dropped: number;
}

/** Appends whole lines. Every line is with the system before `write` returns, or is queued or dropped. */
export class AuditFile {
  readonly path: string;
  readonly #events: AuditEvents;
  readonly #retryAfter: number;
  #fd: number | undefined;
  /** Whole lines that the system has not taken, or has taken only the beginning of. */
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

  /** Reports the failure, and from now on tries to write again and again. */
  retryAfterFailure(error: unknown): void {
    this.#fail(error);
  }

  /** Appends a line. */
  write(line: string): void {
    this.#enqueue(Buffer.from(line));
    // While the file fails, the timer tries.
    if (!this.#failing) this.#flush();
  }

  /** Takes over from another file: writes the lines that it could not write, and reports how many it has lost. */
  takeOver({ lines, dropped }: Unwritten): void {
    for (const line of lines) this.#enqueue(line);
    this.#flush();
    if (this.#failing) this.#dropped += dropped;
    else this.#events.onResumed(dropped);
  }

  /** Tries to write what is queued, closes the file, and returns what is not written. The file takes no more lines. */
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
    // After the first dropped line all are dropped, so that there is one gap.
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

  /**
   * Writes the queue once. What the system did not take stays first, so that a line is ended before the next begins.
   */
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

/** Checks that the file could be appended to, or created. Changes nothing. Throws AuditError. */
export function checkAuditFile(path: string): void {
  try {
    closeSync(openAppending(path, 0));
  } catch (error) {
    const { cause } = error as AuditError;
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw error;
    checkFolderOf(path);
  }
}

/**
 * Checks the folder of a file that does not exist. The file of a dangling link would be created where the link leads.
 */
function checkFolderOf(path: string): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      checkFolderOf(resolve(dirname(path), readlinkSync(path)));
      return;
    }
    // A path that ends with a slash names a folder, which does not exist.
    accessSync(path.endsWith('/') ? path : dirname(path), constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): AuditError {
  return new AuditError(path, `${path} can't be written: ${reasonOf(cause)}`, { cause });
}

/** Opens without blocking: a pipe that nobody reads is an error then, and not an endless wait. */
function openAppending(path: string, creating: number = constants.O_CREAT): number {
  let fd: number;
  try {
    fd = openSync(
      path,
      constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | constants.O_NONBLOCK | creating,
      0o600,
    );
  } catch (cause) {
    throw unwritable(path, cause);
  }
  if (!fstatSync(fd).isFile() || isAuditTrail(path)) return fd;
  closeSync(fd);
  throw new AuditError(path, `${path} can't be written: it is there and is no audit log, so it was left as it is`);
}

const openingBrace = 0x7b;

/**
 * Whether the file is empty or begins as a line of JSON does. Another file that audit_log names by mistake, a database
 * or a key, must not be appended to.
 */
function isAuditTrail(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    // Perhaps the file may be written and not read.
    return true;
  }
  try {
    const first = Buffer.alloc(1);
    return readSync(fd, first, 0, 1, 0) === 0 || first[0] === openingBrace;
  } finally {
    closeSync(fd);
  }
}
