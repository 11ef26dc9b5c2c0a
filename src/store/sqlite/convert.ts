// The step of the migrations that SQL can't do: runs of JSON become runs of bytes. It takes some rows at a time, inside
// the migration's transaction. A damaged row gets a wrong checksum again, so that it stays known as damaged.
import { jsonText } from '../../text/json.js';
import { DatabaseError, type Database, type Row, type Statement } from './database.js';
import { olderMessages, olderSumOf } from './older.js';
import { insertNumberedRuns, RunBatch } from './runs.js';
import { isWhole, rowsOf, sumOf, tables } from './sums.js';
import { problemOfRow } from './values.js';

const olderShape = { ...tables.runs, sum: olderSumOf };

const insertDamaged = 'INSERT INTO new_runs (seq, room, first, last, time, messages, crc) VALUES (?, ?, ?, ?, ?, ?, ?)';

/**
 * Fills the table `new_runs` from the table `runs`, whose rows keep their numbers. Rejects with DatabaseError.
 * @param isSummed whether the rows have checksums
 */
export async function convertRuns(database: Database, isSummed: boolean): Promise<void> {
  const insert = await database.prepare(insertNumberedRuns);
  const batch = new RunBatch();
  const damaged: number[] = [];
  for await (const rows of rowsOf(database, 'runs', olderShape)) {
    const sound = rows.filter((row) => !isSummed || isWhole('runs', row, olderShape));
    for (const row of await insertSound(insert, batch, sound)) damaged.push(Number(row['seq']));
    if (sound.length < rows.length)
      damaged.push(...rows.filter((row) => !sound.includes(row)).map(({ seq }) => Number(seq)));
  }
  // Last, so that a damaged row never takes the place of a sound one.
  for (const seq of damaged) await keepDamaged(database, seq);
  await insert.finalize();
}

/**
 * Converts rows. Answers those that it can't convert: no salond can have written them, whatever their checksums say.
 */
async function insertSound(insert: Statement, batch: RunBatch, rows: readonly Row[]): Promise<readonly Row[]> {
  const refused = rows.filter((row) => !addRun(batch, row));
  const [described, bytes] = batch.take();
  try {
    if (refused.length < rows.length) await insert.run(described, bytes);
    return refused;
  } catch (error) {
    if (!isConstraint(error)) throw error;
    // Two rows have the same place: tries each row by itself.
    if (rows.length === 1) return rows;
    const left: Row[] = [];
    for (const row of rows) left.push(...(await insertSound(insert, batch, [row])));
    return left;
  }
}

/** Answers whether the row can be converted. */
function addRun(batch: RunBatch, row: Row): boolean {
  const messages = problemOfRow('runs', row) ?? olderMessages(row);
  if (typeof messages === 'string') return false;
  batch.begin(Number(row['room']), Number(row['first']), Number(row['time']), Number(row['seq']));
  for (const [author, text] of messages) batch.addText(author, 'text', 0, jsonText(text));
  batch.end();
  return true;
}

/**
 * Copies a row as it is, with a wrong checksum. Where another row has its place, it gets a place that no other row has.
 */
async function keepDamaged(database: Database, seq: number): Promise<void> {
  const [row] = await database.all('SELECT room, first, last, time, messages FROM runs WHERE seq = ?', seq);
  if (row === undefined) return;
  const bytes = Buffer.from(String(row['messages']));
  const place = [row['room'], row['first'], row['last'], row['time']].map(Number);
  for (const [room = 0, first = 0, last = 0, time = 0] of [place, [-seq, seq, seq, 0]]) {
    try {
      const sum = sumOf([room, first, last, time, bytes]);
      await database.all(insertDamaged, seq, room, first, last, time, bytes, sum + 1);
      return;
    } catch (error) {
      if (!isConstraint(error)) throw error;
    }
  }
}

function isConstraint(error: unknown): boolean {
  return error instanceof DatabaseError && error.symbol === 'SQLITE_CONSTRAINT';
}
