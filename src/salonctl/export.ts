// The commands `export` and `import`. Only these commands load this file, because it loads the database.
import { closeSync, open, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { completed, contractRules } from '../rules.js';
import { Database } from '../store/sqlite/database.js';
import { exported } from '../store/sqlite/export.js';
import { DataError, isCode } from '../store/sqlite/data-error.js';
import { imported } from '../store/sqlite/import.js';
import { migrations } from '../store/sqlite/migrations.js';
import { asOwnerOf } from '../store/sqlite/owner.js';
import { makePrivate, removeUnfinished } from '../store/sqlite/private-files.js';
import { copyWhole } from '../store/sqlite/restore.js';
import type { Source } from '../store/sqlite/source.js';
import { findDamage } from '../store/sqlite/find-damage.js';
import { reasonOf } from '../text/reason.js';
import { receiveBackup } from './backup.js';
import type { ControlConnection } from './control-connection.js';
import { namedList, reportingBadData, withSource } from './data-files.js';
import { newFile, partialPath, writeAll, type Target } from './new-file.js';
import { readAll } from './read-all.js';

/** The path for the temporary copy of an export to standard output. It may be large, and /tmp may be in memory. */
const scratch = (): string => join(process.env['TMPDIR'] ?? '/var/tmp', 'salond-export');

/** How much of an export is written at a time, in UTF-16 units. */
const pieceUnits = 256 * 1024;

/** Runs `work` with the database opened for reading only, then closes it. */
async function reading<Result>(source: Source, work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await Database.openUnchanging(source.database);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/**
 * Exports all data as lines of JSON.
 * @param from a backup; undefined for the daemon that `connect` reaches
 */
export function exportAll(
  target: Target,
  from: string | undefined,
  connect: () => Promise<ControlConnection>,
): Promise<object> {
  return reportingBadData(async () => {
    if (typeof target === 'number') return { lines: await exportTo(target, scratch(), from, connect) };
    return { file: target, lines: await newFile(target, (file) => exportTo(file, target, from, connect)) };
  });
}

/**
 * Writes an export to an open file and fulfils with the number of lines. Creates temporary copies of the data beside
 * `near`.
 */
async function exportTo(
  file: number,
  near: string,
  from: string | undefined,
  connect: () => Promise<ControlConnection>,
): Promise<number> {
  const [received, converted] = [partialPath(near, 'copy'), partialPath(near, 'whole')];
  try {
    if (from === undefined) await receiveTo(received, await connect());
    return await withSource(from ?? received, async (source) => {
      const isReady = !source.hasLog && source.version === migrations.length;
      if (isReady) return writeLines(file, source, from === undefined ? received : undefined);
      // An older daemon runs, or made the backup. Or it has a log, which an unchanging file must not have.
      await copyWhole(source, converted, () => source.checkUnchanged(), contractRules);
      return withSource(converted, (whole) => writeLines(file, whole, converted));
    });
  } finally {
    removeUnfinished(received);
    removeUnfinished(converted);
  }
}

async function receiveTo(copy: string, connection: ControlConnection): Promise<void> {
  const file = makePrivate(copy);
  try {
    await receiveBackup(connection, file);
  } finally {
    closeSync(file);
  }
}

/**
 * Writes the lines of a database and fulfils with their number.
 * @param copy a temporary file to remove as soon as it is open, so that it can't be left behind
 */
async function writeLines(file: number, source: Source, copy?: string): Promise<number> {
  return reading(source, async (database) => {
    const [damage] = await findDamage(database, contractRules);
    if (damage !== undefined) throw new DataError(`${source.path} is damaged: ${damage}`);
    if (copy !== undefined) rmSync(copy, { force: true });
    let [text, lines] = ['', 0];
    for await (const line of exported(database)) {
      text += line;
      lines += 1;
      if (text.length < pieceUnits) continue;
      await writeAll(file, Buffer.from(text));
      text = '';
      // Gives signal handlers a chance to run.
      await turn();
    }
    await writeAll(file, Buffer.from(text));
    if (copy === undefined) source.checkUnchanged();
    return lines;
  });
}

/**
 * Imports an export to a new data folder. Root reads the export as root, and works on the data folder as its owner.
 * @param from the path of an export, or an open descriptor such as standard input, which is read to its end and closed
 * @param erasures the path of a list of erasures, besides that of the folder
 */
export function importAll(from: Target, data: string, erasures?: string): Promise<object> {
  return reportingBadData(async () => {
    const list = erasures === undefined ? undefined : namedList(erasures);
    const file = typeof from === 'number' ? from : await openExport(from);
    const pieces = readAll(file, typeof from === 'number' ? 'standard input' : from);
    try {
      const { messages, isChecked, erased } = await asOwnerOf(data, () =>
        imported(pieces, data, completed, contractRules, list),
      );
      const note =
        'the export is of format 1, which does not say where it ends: that nothing is missing at its end could not be checked';
      return { data, messages, ...(erased === 0 ? {} : { erased }), ...(isChecked ? {} : { note }) };
    } finally {
      closeSync(file);
    }
  });
}

/**
 * Opens an export. Opening a named pipe waits for a writer; it does not block the event loop, so signals are handled
 * meanwhile.
 */
async function openExport(path: string): Promise<number> {
  try {
    if (statSync(path).isDirectory()) throw new DataError(`${path} is not a file`);
    return await promisify(open)(path, 'r');
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(isCode(error, 'ENOENT') ? `${path} is not there` : `${path} can't be read: ${reasonOf(error)}`);
  }
}
