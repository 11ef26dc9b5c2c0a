// Brings the schema of a database up to date, in one transaction that is checked before it is committed.
import { statSync } from 'node:fs';
import { convertRuns } from './convert.js';
import { DatabaseError, type Database } from './database.js';
import { DataError } from './data-error.js';
import { longValuesAt } from './find-damage.js';
import { checkVersion } from './header.js';
import { newTables } from './migrations/7.js';
import { beginBytes, dropOldRuns, endBytes, migrations, skeletonsOf } from './migrations.js';
import { firstWithBytes, firstWithOrder, firstWithSums, shapesAt } from './older.js';
import { asDataError } from './open.js';
import { strangeSchema } from './schema.js';
import { makeSkeletons } from './skeletons.js';
import { damagedPlaces, makeSums, spoilSums, tables, type Table } from './sums.js';

/** Is told how a conversion of older data goes on. */
export interface ConversionReports {
  /** @param bytes the size of the database */
  begun(fromSchema: number, toSchema: number, bytes: number): void;
  /** Told every ten seconds. @param percent of the rows of messages that are converted; after them comes a check */
  running(percent: number): void;
  /** The new data is committed. */
  done(seconds: number): void;
}

/** The checks of a database around its migration. They reject where something is damaged. */
export interface Checks {
  /** Checks what the migration makes anew, so that no check afterwards would find it damaged. */
  readonly before: () => Promise<void>;
  /** Checks the new data. */
  readonly after: () => Promise<void>;
}

/** Milliseconds between two reports of a conversion. */
const betweenReports = 10_000;

/**
 * Applies the migrations that the database has not seen, in one transaction: all of them or none. A row that was
 * damaged before stays known as damaged. Rejects with DataError where that fails or a check does; then the database is
 * as it was, and the caller closes the connection. A database that is up to date is checked as one that was migrated.
 */
export async function migrate(
  database: Database,
  path: string,
  checks?: Checks,
  reports?: ConversionReports,
): Promise<void> {
  try {
    const [row] = await database.all('PRAGMA user_version');
    const version = Number(row?.['user_version']);
    checkVersion(path, version);
    // Before any use of the tables: another program's trigger would run.
    const strange = await strangeSchema(database, version);
    if (strange !== undefined) throw new DataError(`${path} is damaged: ${strange}`);
    if (version === migrations.length) {
      await checks?.after();
      return;
    }
    const [long] = version < firstWithSums ? [] : await longValuesAt(database, version);
    if (long !== undefined) throw new DataError(`${path} is damaged: ${long}`);
    await checks?.before();
    await reporting(version === 0 ? undefined : reports, version, path, async (converted) => {
      await database.exec('PRAGMA secure_delete = ON; BEGIN IMMEDIATE');
      await applySteps(database, version, converted);
      await database.exec(`PRAGMA user_version = ${migrations.length}`);
      await checks?.after();
      await database.exec('COMMIT');
    });
  } catch (error) {
    // Nothing to undo is an error too.
    await database.exec('ROLLBACK').catch(() => undefined);
    if (error instanceof DatabaseError && error.symbol === 'SQLITE_FULL')
      throw new DataError(
        `${path} is an older salond's, and the disk has no room to bring it up to date, which takes up to twice its size: make room, then try again`,
      );
    throw asDataError(path, error);
  }
}

/** Does the work of a conversion and reports it. */
async function reporting(
  reports: ConversionReports | undefined,
  version: number,
  path: string,
  work: (converted: (part: number) => void) => Promise<void>,
): Promise<void> {
  const begun = performance.now();
  let percent = 0;
  reports?.begun(version, migrations.length, statSync(path).size);
  const timer = setInterval(() => reports?.running(percent), betweenReports);
  try {
    await work((part) => {
      percent = Math.floor(100 * part);
    });
  } finally {
    clearInterval(timer);
  }
  reports?.done(Math.round(performance.now() - begun) / 1000);
}

/** The tables that are new since the last release. Step 7 may have filled them. */
const newTableNames = Object.keys(newTables) as Table[];

/** The tables whose columns have changed since a version of the schema that has checksums. */
function changedSince(version: number): readonly Table[] {
  return version < firstWithOrder ? ['users', 'rooms', 'roles'] : [];
}

/** @param converted is told which part of the rows of messages is converted, from 0 to 1 */
async function applySteps(database: Database, version: number, converted: (part: number) => void): Promise<void> {
  const isSummed = version >= firstWithSums;
  const changed = changedSince(version);
  const shapes = isSummed ? shapesAt(version) : {};
  const damaged: (readonly [Table, Awaited<ReturnType<typeof damagedPlaces>>])[] = [];
  for (const table of isSummed ? changed : [])
    damaged.push([table, await damagedPlaces(database, table, shapes[table] ?? tables[table])]);
  if (version < firstWithBytes) {
    await database.exec([...migrations.slice(version, firstWithBytes - 1), beginBytes].join(';\n'));
    await convertRuns(database, isSummed, converted);
    await database.exec(endBytes);
  }
  await database.exec(migrations.slice(Math.max(version, firstWithBytes)).join(';\n'));
  await makeSums(database, [...changed, ...(isSummed ? [] : (['keys'] as const)), ...newTableNames]);
  for (const [table, places] of damaged) await spoilSums(database, table, places);
  if (version < skeletonsOf) await makeSkeletons(database);
  // The pages of the old runs are not written once more: they are most of the database. So nothing may come after this
  // that would take such a page with its texts: SQLite overwrites only the part of it that is used. In later
  // transactions it does not read free pages, and the first deletion of a user overwrites them (free-pages.ts).
  if (version < firstWithBytes)
    await database.exec(`PRAGMA secure_delete = FAST; ${dropOldRuns} PRAGMA secure_delete = ON`);
}
