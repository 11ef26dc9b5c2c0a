// Reads parts of runs that are longer than a reader may take at a time: those of older data have up to 2.4 MB. The
// checksum of a run is that of all its bytes, so it is read as a whole; a few of them stay in memory, for all readers
// together. To check and to find the texts takes longest, so it is done in short steps, and what was found is kept
// longer.
import { setImmediate as turn } from 'node:timers/promises';
import { DamageError } from '../damage.js';
import { RunDecoder, type RunColumns } from '../run-format.js';
import { damaged } from './damaged.js';
import type { Database, Row, Statement } from './database.js';
import { checkedRun, decoding, runOf, type Run } from './runs.js';
import { checked } from './sums.js';

/** A row of runs without its bytes, but with their number. */
export interface RunDescription {
  readonly room: number;
  readonly first: number;
  readonly last: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly length: number;
  readonly crc: number;
}

/** Bytes of texts that are checked in one step of the event loop. */
const stepBytes = 65_536;

/** Bytes of runs that are kept: about three of the longest. */
const maxKeptBytes = 8 * 1024 * 1024;

/** How many runs' columns are kept, of about 4 KB each. */
const maxColumns = 256;

const find = 'SELECT messages, crc FROM runs WHERE room = ?1 AND first = ?2';

/** Reads runs in parts. */
export class LongRuns {
  readonly #find: Statement;
  /** The runs that were read last, the oldest first. */
  readonly #bytes = new Recent<LongRun>(maxKeptBytes);
  readonly #columns = new Recent<RunColumns>(maxColumns);

  private constructor(statement: Statement) {
    this.#find = statement;
  }

  static async prepare(reader: Database): Promise<LongRuns> {
    return new LongRuns(await reader.prepare(find, { isLong: true }));
  }

  /**
   * Reads messages of a run, from the id `low` up to `high`, which have at most `maxBytes` bytes, or one message.
   * The run has to have the message `low`. Rejects with DamageError.
   */
  async read(run: RunDescription, low: number, high: number, maxBytes: number): Promise<Run> {
    const key = `${run.room} ${run.first} ${run.length} ${run.crc}`;
    const { bytes: all, crc } = await this.#bytes.get(key, run.length, () => this.#read(run));
    const found = `${run.room} ${run.first} ${all.length} ${crc}`;
    const { authors, kinds, about, begins, ends } = await this.#columns.get(found, 1, () =>
      decodeInSteps(run.last - run.first + 1, all),
    );
    const begin = low - run.first;
    const offset = begins[begin] ?? 0;
    let end = begin + 1;
    while (run.first + end <= Math.min(high, run.last) && (ends[end] ?? 0) - offset <= maxBytes) end += 1;
    return {
      room: run.room,
      first: low,
      count: end - begin,
      time: run.time,
      bytes: all.subarray(offset, ends[end - 1]),
      columns: {
        authors: authors.slice(begin, end),
        kinds: kinds.slice(begin, end),
        about: about.slice(begin, end),
        begins: begins.slice(begin, end).map((at) => at - offset),
        ends: ends.slice(begin, end).map((at) => at - offset),
      },
    };
  }

  /** Reads the run as it is now: messages of it may have been deleted since it was described. */
  async #read({ room, first, last, time }: RunDescription): Promise<LongRun> {
    const [row] = await this.#find.all(room, first);
    // The driver has just copied it.
    await turn();
    const crc = Number(row?.['crc']);
    const { messages } = checked('runs', { room, first, last, time, messages: row?.['messages'] ?? null, crc });
    if (!(messages instanceof Buffer)) throw damaged('a run is not of bytes');
    return { bytes: messages, crc };
  }
}

/** The bytes of a run, and the checksum of its row. */
interface LongRun {
  readonly bytes: Buffer;
  readonly crc: number;
}

/**
 * As `runOf`, in short steps where the run is long: for who works on runs while others wait for the loop. Rejects with
 * DamageError.
 */
export async function runInSteps(row: Row): Promise<Run> {
  const { messages } = row;
  if (!(messages instanceof Buffer) || messages.length <= 2 * stepBytes) return runOf(row);
  const run = checkedRun(row);
  return { ...run, columns: await decodeInSteps(run.count, run.bytes) };
}

/** As `runInSteps`, but undefined where the row is damaged. */
export async function wholeRunInSteps(row: Row): Promise<Run | undefined> {
  try {
    return await runInSteps(row);
  } catch (error) {
    if (error instanceof DamageError) return undefined;
    throw error;
  }
}

/**
 * Finds the `count` messages of a run and checks them, some in each turn of the event loop. Rejects with DamageError.
 */
async function decodeInSteps(count: number, bytes: Buffer): Promise<RunColumns> {
  const decoder = decoding(() => new RunDecoder(count));
  for (;;) {
    await turn();
    const end = decoder.read + stepBytes;
    const isLast = end >= bytes.length;
    decoding(() => decoder.add(bytes.subarray(decoder.read, end), isLast));
    if (isLast) return decoder.columns;
  }
}

/**
 * Keeps what was made last, as long as the sizes of all have a sum of at most `max`. The newest is kept in any case.
 */
class Recent<Value> {
  readonly #max: number;
  /** The oldest first. */
  readonly #entries = new Map<string, { readonly value: Promise<Value>; readonly size: number }>();
  #sum = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Answers the value of that key, which is made where it is not kept: once for all who ask meanwhile. */
  get(key: string, size: number, make: () => Promise<Value>): Promise<Value> {
    const found = this.#entries.get(key);
    const entry = found ?? { value: make(), size };
    // It becomes the newest.
    this.#delete(key);
    this.#entries.set(key, entry);
    this.#sum += size;
    if (found === undefined) entry.value.catch(() => this.#delete(key));
    for (const oldest of this.#entries.keys()) {
      if (this.#sum <= this.#max || oldest === key) break;
      this.#delete(oldest);
    }
    return entry.value;
  }

  #delete(key: string): void {
    this.#sum -= this.#entries.get(key)?.size ?? 0;
    this.#entries.delete(key);
  }
}
