// Reads rows of runs in short steps of the event loop. To check and to find the texts of a run takes longest: those of
// older data have up to 2.4 MB, and those of new data 64 KiB, but somebody may ask for many of them at a time.
import { setImmediate as turn } from 'node:timers/promises';
import { DamageError } from '../damage.js';
import { maxRun, RunDecoder, type RunColumns } from '../run-format.js';
import { damaged } from './damaged.js';
import type { Row } from './database.js';
import { checkedRun, decoding, runOf, type Run } from './runs.js';

/** Bytes of a long run that are checked in one step of the event loop. */
const stepBytes = 65_536;

/** Bytes of other runs that are checked, and of any that are written out, in one step. */
const mostBytes = 2 * stepBytes;

/** Gives way to other work after so many bytes. */
export class ByteSteps {
  #left = mostBytes;

  /** To be called before work on so many bytes. Returns undefined where that can be done at once. */
  before(bytes: number): Promise<void> | undefined {
    const goesOn = bytes <= this.#left || this.#left === mostBytes;
    this.#left = (goesOn ? this.#left : mostBytes) - bytes;
    return goesOn ? undefined : turn();
  }
}

/** As `runOf` for each row. Rejects with DamageError. */
export async function runsInSteps(rows: readonly Row[]): Promise<readonly Run[]> {
  const runs: Run[] = [];
  const steps = new ByteSteps();
  for (const row of rows) {
    await steps.before(bytesOf(row));
    runs.push(await runInSteps(row));
  }
  return runs;
}

/** As `runOf`. Rejects with DamageError. */
export async function runInSteps(row: Row): Promise<Run> {
  if (bytesOf(row) <= mostBytes) return runOf(row);
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
 * The id of the last message of a run, whose row is checked against its sum. Nobody is shown its messages, so they are
 * not looked at. Throws DamageError.
 */
export function lastIn(row: Row): number {
  const { first, count } = checkedRun(row);
  if (count < 1 || count > maxRun) throw damaged(`a row of runs can't be salond's: a run has ${count} messages`);
  return first + count - 1;
}

/**
 * Finds the `count` messages of a run and checks them, some in each turn of the event loop. Rejects with DamageError.
 */
export async function decodeInSteps(count: number, bytes: Buffer): Promise<RunColumns> {
  const decoder = decoding(() => new RunDecoder(count));
  for (;;) {
    await turn();
    const end = decoder.read + stepBytes;
    const isLast = end >= bytes.length;
    decoding(() => decoder.add(bytes.subarray(decoder.read, end), isLast));
    if (isLast) return decoder.columns;
  }
}

function bytesOf({ messages }: Row): number {
  return messages instanceof Buffer ? messages.length : 0;
}
