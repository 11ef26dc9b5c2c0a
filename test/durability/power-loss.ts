// What a disk may hold after the power failed, from a trace of what a daemon wrote and synced. Of what was written and
// not yet synced anything may be there: each sector by itself, in any order. What a sync covered is there.
import type { Random } from '../fuzz/random.js';
import type { Call } from './trace.js';

/** The unit that a disk writes whole. */
const sector = 512;

interface Change {
  /** Where in the trace it was made. */
  readonly end: number;
  apply(bytes: Buffer, random: Random | undefined): Buffer;
}

function grown(bytes: Buffer, length: number): Buffer {
  return bytes.length >= length ? bytes : Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}

function written(at: number, data: Buffer, end: number): Change {
  return {
    end,
    apply: (bytes, random) => {
      const after = grown(bytes, at + data.length);
      for (let from = 0; from < data.length; ) {
        const to = Math.min(data.length, from + sector - ((at + from) % sector));
        if (random === undefined || random.once(2)) data.copy(after, at + from, from, to);
        from = to;
      }
      return after;
    },
  };
}

function truncated(length: number, end: number): Change {
  return {
    end,
    apply: (bytes, random) =>
      random === undefined || random.once(2) ? Buffer.from(grown(bytes, length).subarray(0, length)) : bytes,
  };
}

/** One file: what is on disk for certain, and what has been written since. */
class DiskFile {
  #bytes: Buffer;
  #changes: Change[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  change(change: Change): void {
    this.#changes.push(change);
  }

  /** A sync that began at `begin` has returned: it covers what was written before. */
  synced(begin: number): void {
    for (const change of this.#changes) if (change.end < begin) this.#bytes = change.apply(this.#bytes, undefined);
    this.#changes = this.#changes.filter(({ end }) => end >= begin);
  }

  /** What may be there now: nothing of what is not certain, all of it, or some. */
  after(random: Random): Buffer {
    const kind = random.below(4);
    if (kind === 0) return this.#bytes;
    let bytes: Buffer = Buffer.from(this.#bytes);
    for (const change of this.#changes) bytes = change.apply(bytes, kind === 1 ? undefined : random);
    return bytes;
  }
}

/** The bytes of the first string in what strace wrote with `-xx`. */
export function stringIn(text: string): Buffer {
  const [, hex = ''] = /"((?:\\x[0-9a-f]{2})*)"/.exec(text) ?? [];
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

/** The last number among the call's arguments: an offset or a length. */
function lastNumber(text: string): number {
  return Number(/(\d+)$/.exec(text)?.[1]);
}

/** Replays a trace step by step. */
export class Disk {
  readonly #files = new Map<string, DiskFile>();

  /** @param before the files as they were, synced, when the trace begins: by their names */
  constructor(before: ReadonlyMap<string, Buffer>) {
    for (const [name, bytes] of before) this.#files.set(name, new DiskFile(bytes));
  }

  /** Whether the call changes what a disk holds. Calls are to come in the order of their ends. */
  step({ name, path, text, result, begin, end }: Call): boolean {
    const file = path.slice(path.lastIndexOf('/') + 1);
    if (!/^salond\.db(?:-wal)?$/.test(file) || result < 0) return false;
    let held = this.#files.get(file);
    if (held === undefined) {
      held = new DiskFile(Buffer.alloc(0));
      this.#files.set(file, held);
    }
    if (name === 'pwrite64') held.change(written(lastNumber(text), stringIn(text).subarray(0, result), end));
    else if (name === 'ftruncate') held.change(truncated(lastNumber(text), end));
    else if (name === 'fsync' || name === 'fdatasync') held.synced(begin);
    else return false;
    return true;
  }

  /** The files as they may be when the power fails now, by their names. */
  after(random: Random): ReadonlyMap<string, Buffer> {
    return new Map([...this.#files].map(([name, file]) => [name, file.after(random)]));
  }
}
