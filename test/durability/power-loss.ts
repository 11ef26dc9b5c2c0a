// Computes what a disk may hold after a power loss, from a trace of what a daemon wrote and synced. Everything that a
// sync covered is on the disk. Of the writes that were not synced, each sector may or may not be there.
import type { Random } from '../fuzz/random.js';
import type { Call } from './trace.js';

/** The bytes that a disk writes as one unit. */
const sector = 512;

/**
 * A file's bytes, with room behind them: to copy a log for each of the thousands of writes that make it grow is slow.
 */
class Bytes {
  #room: Buffer;
  #length: number;

  constructor(bytes: Buffer) {
    this.#room = Buffer.from(bytes);
    this.#length = bytes.length;
  }

  /** The bytes until the next change. */
  get value(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  /** Takes away what is behind `length`, or fills up with zeros. */
  resize(length: number): void {
    if (length > this.#room.length) {
      const room = Buffer.alloc(2 * length);
      this.value.copy(room);
      this.#room = room;
    } else if (length > this.#length) this.#room.fill(0, this.#length, length);
    this.#length = length;
  }

  /** Copies a part of `data` to the offset `at`, which is not behind the end. */
  write(at: number, data: Buffer, from: number, to: number): void {
    data.copy(this.#room, at, from, to);
  }
}

/** One write or truncation of a file. */
interface Change {
  /** The line of the trace on which the call returned. */
  readonly end: number;
  /** Changes the bytes. With `random`, only some of the change is made. */
  apply(bytes: Bytes, random: Random | undefined): void;
}

/** A write of `data` at the offset `at`. */
function writeOf(at: number, data: Buffer, end: number): Change {
  return {
    end,
    apply: (bytes, random) => {
      bytes.resize(Math.max(bytes.value.length, at + data.length));
      for (let from = 0; from < data.length; ) {
        const to = Math.min(data.length, from + sector - ((at + from) % sector));
        if (random === undefined || random.once(2)) bytes.write(at + from, data, from, to);
        from = to;
      }
    },
  };
}

/** A truncation to `length` bytes. */
function truncationTo(length: number, end: number): Change {
  return {
    end,
    apply: (bytes, random) => {
      if (random === undefined || random.once(2)) bytes.resize(length);
    },
  };
}

/** One file: its bytes that are certainly on disk, and the changes that were not synced since. */
class DiskFile {
  readonly #bytes: Bytes;
  #changes: Change[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = new Bytes(bytes);
  }

  change(change: Change): void {
    this.#changes.push(change);
  }

  /** A sync that began at the line `begin` has returned. It covers the changes that had returned before. */
  synced(begin: number): void {
    for (const change of this.#changes) if (change.end < begin) change.apply(this.#bytes, undefined);
    this.#changes = this.#changes.filter(({ end }) => end >= begin);
  }

  /** Bytes that may be on disk now: without the unsynced changes, with all of them, or with some. */
  after(random: Random): Buffer {
    const kind = random.below(4);
    if (kind === 0) return this.#bytes.value;
    const bytes = new Bytes(this.#bytes.value);
    for (const change of this.#changes) change.apply(bytes, kind === 1 ? undefined : random);
    return bytes.value;
  }
}

/** The bytes of the first string in a call that `strace -xx` wrote. */
export function stringIn(text: string): Buffer {
  const [, hex = ''] = /"((?:\\x[0-9a-f]{2})*)"/.exec(text) ?? [];
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

/** The last number among the call's arguments: an offset or a length. */
function lastNumber(text: string): number {
  return Number(/(\d+)$/.exec(text)?.[1]);
}

/** Replays a trace, call by call. */
export class Disk {
  readonly #files = new Map<string, DiskFile>();

  /** @param before the files at the beginning of the trace, all synced, by their names */
  constructor(before: ReadonlyMap<string, Buffer>) {
    for (const [name, bytes] of before) this.#files.set(name, new DiskFile(bytes));
  }

  /** Takes the next call, in the order of their ends. Returns whether it changes what a disk holds. */
  step({ name, path, text, result, begin, end }: Call): boolean {
    const file = path.slice(path.lastIndexOf('/') + 1);
    if (!/^salond\.db(?:-wal)?$/.test(file) || result < 0) return false;
    let held = this.#files.get(file);
    if (held === undefined) {
      held = new DiskFile(Buffer.alloc(0));
      this.#files.set(file, held);
    }
    if (name === 'pwrite64') held.change(writeOf(lastNumber(text), stringIn(text).subarray(0, result), end));
    else if (name === 'ftruncate') held.change(truncationTo(lastNumber(text), end));
    else if (name === 'fsync' || name === 'fdatasync') held.synced(begin);
    else return false;
    return true;
  }

  /** The files as they may be if the power fails now, by their names. */
  after(random: Random): ReadonlyMap<string, Buffer> {
    return new Map([...this.#files].map(([name, file]) => [name, file.after(random)]));
  }
}
