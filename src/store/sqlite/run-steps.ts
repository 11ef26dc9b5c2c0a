// Reads rows of runs in short steps of the event loop. To check and to find the texts of a run takes longest: those of
// older data have up to 2.4 MB, and those of new data 64 KiB, but somebody may ask for many of them at a time.
import { DamageError } from '../damage.js';
import { maxEntryBytes, RunDecoder, type RunColumns } from '../run-format.js';
import type { Row } from './database.js';
import { Pace } from './pace.js';
import { checkedRun, decoding, type Run } from './runs.js';

/** Bytes of a run in which texts are found before others may have a turn: two of the longest messages. */
const pieceBytes = 2 * maxEntryBytes;

/**
 * As `runOf` for each row, in short steps. Rejects with DamageError.
 * @param pace that of the work of which this is a part
 */
export async function runsInSteps(rows: readonly Row[], pace = new Pace()): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const row of rows) {
    runs.push(await runInSteps(row, pace));
    await pace.giveWay();
  }
  return runs;
}

/** As `runsInSteps`, for one row. */
export async function runInSteps(row: Row, pace = new Pace()): Promise<Run> {
  const run = checkedRun(row);
  return { ...run, columns: await decodeInSteps(run.count, run.bytes, pace) };
}

/** As `runInSteps`, but undefined where the row is damaged. */
export async function wholeRunInSteps(row: Row, pace: Pace): Promise<Run | undefined> {
  try {
    return await runInSteps(row, pace);
  } catch (error) {
    if (error instanceof DamageError) return undefined;
    throw error;
  }
}

/**
 * As `decodeRun`, in short steps. Rejects with a DamageError that names the database.
 * @param pace that of the work of which this is a part
 */
export async function decodeInSteps(count: number, bytes: Buffer, pace = new Pace()): Promise<RunColumns> {
  const decoder = decoding(() => new RunDecoder(count));
  for (;;) {
    const end = decoder.read + pieceBytes;
    const isLast = end >= bytes.length;
    decoding(() => decoder.add(bytes.subarray(decoder.read, end), isLast));
    if (isLast) return decoder.columns;
    await pace.giveWay();
  }
}
