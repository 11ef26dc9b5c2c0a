// The file of the audit trail. What can't be written is held for a while, and written once the file takes it.
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

/** The file can't be written; the message names it and says why. */
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

/** What is held while the file can't be written. What comes beyond is dropped, and counted. */
const maxHeldBytes = 1024 * 1024;

/** Between two tries. */
const retryMilliseconds = 5000;

export interface AuditEvents {
  /** The file can't be written. Told once, until it can. */
  readonly onFailure: (error: unknown) => void;
  /** It can again; `dropped` is the number of lines that are lost. */
  readonly onResumed: (dropped: number) => void;
}

/** What a file was given and could not write. */
export interface Unwritten {
  /** Whole lines in their order; the beginning of the first may be in the file. */
  readonly lines: readonly Buffer[];
  /** The number of lines after them that were not even held. */
  readonly dropped: number;
}

/** Appends whole lines. Every line is with the system before `write` returns, or held. */
export class AuditFile {
  readonly path: string;
  readonly #events: AuditEvents;
  readonly #retryAfter: number;
  #fd: number | undefined;
  /** Whole lines that the system has not taken, but for the beginning of the first. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes of the first of them that the system has taken. */
  #begun = 0;
  #dropped = 0;
  #failing = false;
  #retry: NodeJS.Timeout | undefined;

  /** @param retryAfter milliseconds between two tries of a file that fails */
  constructor(path: string, events: AuditEvents, retryAfter = retryMilliseconds) {
    this.path = path;
    this.#events = events;
    this.#retryAfter = retryAfter;
  }

  /** Opens the file, and makes it for the daemon's user alone where it is missing. Throws AuditError. */
  open(): void {
    this.#fd ??= openAppending(this.path);
  }

  /** From now on the file is tried again and again: it could not be opened. */
  failed(error: unknown): void {
    this.#fail(error);
  }

  write(line: string): void {
    this.#hold(Buffer.from(line));
    // While it fails, the timer tries.
    if (!this.#failing) this.#flush();
  }

  /** Goes on where another file ended: writes the lines that it could not write, and tells how many it has lost. */
  takeOver({ lines, dropped }: Unwritten): void {
    for (const line of lines) this.#hold(line);
    this.#flush();
    if (this.#failing) this.#dropped += dropped;
    else this.#events.onResumed(dropped);
  }

  /** Writes what is held, if it can be, and answers what is not written. The file takes no more lines. */
  close(): Unwritten {
    if (this.#heldBytes > 0) this.#flush();
    clearTimeout(this.#retry);
    try {
      if (this.#fd !== undefined) closeSync(this.#fd);
    } catch (error) {
      this.#events.onFailure(error);
    }
    this.#fd = undefined;
    return { lines: this.#held, dropped: this.#dropped };
  }

  #hold(line: Buffer): void {
    // After the first line that is dropped all are, so that the gap has one place.
    if (this.#dropped > 0 || this.#heldBytes + line.length > maxHeldBytes) {
      this.#dropped += 1;
      return;
    }
    this.#held.push(line);
    this.#heldBytes += line.length;
  }

  #flush(): void {
    try {
      this.open();
      while (this.#heldBytes > 0) this.#writeOnce(this.#fd ?? -1);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!this.#failing && this.#dropped === 0) return;
    this.#failing = false;
    this.#events.onResumed(this.#dropped);
    this.#dropped = 0;
  }

  /** What the system did not take stays first in line: a line that was begun is ended before the next. */
  #writeOnce(fd: number): void {
    this.#begun += writeSync(fd, Buffer.concat(this.#held).subarray(this.#begun));
    for (let [first] = this.#held; first !== undefined && this.#begun >= first.length; [first] = this.#held) {
      this.#held.shift();
      this.#heldBytes -= first.length;
      this.#begun -= first.length;
    }
  }

  #fail(error: unknown): void {
    if (!this.#failing) this.#events.onFailure(error);
    this.#failing = true;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#flush(), this.#retryAfter).unref();
  }
}

/** Whether that file could be appended to, or made. Changes nothing. Throws AuditError. */
export function checkAuditFile(path: string): void {
  try {
    closeSync(openAppending(path, 0));
  } catch (error) {
    const { cause } = error as AuditError;
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw error;
    checkFolderOf(path);
  }
}

/** Of a file that is not there. A link that leads to none is made where it leads. */
function checkFolderOf(path: string): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      checkFolderOf(resolve(dirname(path), readlinkSync(path)));
      return;
    }
    // With a slash at its end it names a folder, which is not there.
    accessSync(path.endsWith('/') ? path : dirname(path), constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): AuditError {
  return new AuditError(path, `${path} can't be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}

/** Not blocking: a pipe that nobody reads is an error then, and no wait without end. */
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
 * Whether the file is empty, or begins as a line of JSON does: what audit_log names by mistake, a database or a key, is
 * not appended to.
 */
function isAuditTrail(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    // It may be for writing only.
    return true;
  }
  try {
    const first = Buffer.alloc(1);
    return readSync(fd, first, 0, 1, 0) === 0 || first[0] === openingBrace;
  } finally {
    closeSync(fd);
  }
}
