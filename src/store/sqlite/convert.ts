// The step of the migrations that SQL can't do: runs of JSON become runs of bytes. It takes some rows at a time, inside
// the migration's transaction, and the next ones are read meanwhile. A
// damaged row gets a wrong checksum again, so that it stays known as damaged.
import { DatabaseError, type Database } from './database.js';
import { addOlderRun } from './older-runs.js';
import { runRowsOf, type RunRow } from './run-rows.js';
import { insertNumberedRuns, RunBatch } from './runs.js';
import { sumOfRun } from './sums.js';

const insertDamaged = 'INSERT INTO new_runs (seq, room, first, last, time, messages, crc) VALUES (?, ?, ?, ?, ?, ?, ?)';

const nextLeft = `SELECT seq, room, first, last, time, messages FROM runs
  WHERE seq > ? AND seq NOT IN (SELECT seq FROM new_runs) ORDER BY seq LIMIT 1`;

/**
 * Fills the table `new_runs` from the table `runs`, whose rows keep their numbers. Rejects with DatabaseError.
 * @param isSummed whether the rows have checksums
 * @param converted is told which part of the rows is done, from 0 to 1
 */
export async function convertRuns(
  database: Database,
  isSummed: boolean,
  converted: (part: number) => void,
): Promise<void> {
  const insert = await database.prepare(insertNumberedRuns);
  const batch = new RunBatch();
  const all = await count(database, 'runs');
  let rows = 0;
  for await (const runs of runRowsOf(database)) {
    for (const run of runs) if (!isSummed || isWhole(run)) addOlderRun(batch, run);
    await insert.run(...batch.take());
    rows += runs.length;
    converted(rows / all);
  }
  await insert.finalize();
  // Last, so that a damaged row never takes the place of a sound one.
  if ((await count(database, 'new_runs')) !== rows) await keepDamaged(database);
}

async function count(database: Database, table: string): Promise<number> {
  const [row] = await database.all(`SELECT count(*) AS count FROM ${table}`);
  return Number(row?.['count']);
}

/**
 * Copies the rows that were not converted as they are, with wrong checksums: they were damaged, no salond can have
 * written them, or another row has their place. The latter get a place that no other row has.
 */
async function keepDamaged(database: Database): Promise<void> {
  let [row] = await database.all(nextLeft, -Number.MAX_VALUE);
  while (row !== undefined) {
    const seq = Number(row['seq']);
    const bytes = Buffer.from(String(row['messages']));
    const place = [row['room'], row['first'], row['last'], row['time']].map(Number);
    for (const [room = 0, first = 0, last = 0, time = 0] of [place, [-seq, seq, seq, 0]]) {
      try {
        const sum = sumOfRun(room, first, last, time, bytes);
        await database.all(insertDamaged, seq, room, first, last, time, bytes, sum + 1);
        break;
      } catch (error) {
        if (!(error instanceof DatabaseError && error.symbol === 'SQLITE_CONSTRAINT')) throw error;
      }
    }
    [row] = await database.all(nextLeft, seq);
  }
}

function isWhole({ room, first, last, time, messages, crc }: RunRow): boolean {
  return sumOfRun(room, first, last, time, messages) === crc;
}
