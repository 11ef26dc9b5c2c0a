// The commands that read and write files: backups, exports, and the data of stopped daemons. Only these commands load
// this file, because it loads the database.
import { createHash } from 'node:crypto';
import { closeSync, open, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { completed, contractRules } from '../rules.js';
import { Database, DatabaseError } from '../store/sqlite/database.js';
import { exported } from '../store/sqlite/export.js';
import { DataError, isCode } from '../store/sqlite/data-error.js';
import { ErasureList } from '../store/sqlite/erasure-list.js';
import { imported } from '../store/sqlite/import.js';
import { migrations } from '../store/sqlite/migrations.js';
import { asOwnerOf, asOneself } from '../store/sqlite/owner.js';
import { makePrivate, removeUnfinished } from '../store/sqlite/private-files.js';
import { checkBackup, copyWhole, restore as restoreTo } from '../store/sqlite/restore.js';
import { Source } from '../store/sqlite/source.js';
import { findDamage } from '../store/sqlite/find-damage.js';
import { StoreFailure } from '../store/store.js';
import type { ControlConnection, ControlLine } from './control-connection.js';
import { BadData, Refused } from './errors.js';
import { cleaningOnSignals, newFile, partialPath, writeAll, type Target } from './new-file.js';
import { readAll } from './read-all.js';
import { reasonOf } from '../text/reason.js';

/** The path for the temporary copy of an export to standard output. It may be large, and /tmp may be in memory. */
const scratch = (): string => join(process.env['TMPDIR'] ?? '/var/tmp', 'salond-export');

/** How much of an export is written at a time, in UTF-16 units. */
const pieceUnits = 256 * 1024;

/**
 * Requests a copy of all data from the daemon and writes it to an open file. Fulfils with its size in bytes. Rejects
 * with DataError if the size or the sum differs from what the daemon reports.
 */
async function receiveBackup(connection: ControlConnection, file: number): Promise<number> {
  const sum = createHash('sha256');
  let bytes = 0;
  let writing = Promise.resolve();
  const { code, body }: ControlLine = await connection.ask({ command: 'back_up' }, (event) => {
    const piece = Buffer.from(String(event.body['data']), 'base64');
    sum.update(piece);
    bytes += piece.length;
    writing = writing.then(() => writeAll(file, piece));
    // A failure is reported below, when `writing` is awaited.
    writing.catch(() => undefined);
  });
  await writing;
  if (code !== 1) throw new Refused(String(body['error']));
  if (body['bytes'] !== bytes || body['sha256'] !== sum.digest('hex'))
    throw new DataError('what came is not what was sent');
  return bytes;
}

/** Runs `work` with the database opened for reading only, then closes it. */
async function reading<Result>(source: Source, work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await Database.openUnchanging(source.database);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Runs `work`. Turns errors of the store into BadData, and removes unfinished files if a signal ends the process. */
async function reportingBadData<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await cleaningOnSignals(work);
  } catch (error) {
    const isOurs = error instanceof DataError || error instanceof StoreFailure || error instanceof DatabaseError;
    throw isOurs ? new BadData(error.message) : error;
  }
}

async function withSource<Result>(path: string, work: (source: Source) => Promise<Result>): Promise<Result> {
  const source = await Source.open(path);
  try {
    return await work(source);
  } finally {
    source.close();
  }
}

/**
 * Writes a backup of the running daemon to a new file, and checks it before the file gets its final name. A backup to a
 * descriptor is written as it comes. Only its sum is checked, at the end; `restore` checks the content.
 */
export function backUp(target: Target, connection: ControlConnection): Promise<object> {
  return reportingBadData(async () => {
    if (typeof target === 'number') return { bytes: await receiveBackup(connection, target) };
    const bytes = await newFile(target, async (file, partial) => {
      const received = await receiveBackup(connection, file);
      const [damage] = await withSource(partial, (source) => checkBackup(source, contractRules));
      if (damage !== undefined)
        throw new DataError(`the daemon's data is damaged, and ${target} was not made: ${damage}`);
      return received;
    });
    return { file: target, bytes };
  });
}

/** Reads a list of erasures that an operator names. Throws DataError. */
function namedList(path: string): ErasureList {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new DataError(`${path} can't be read: ${reasonOf(error)}`);
  }
  return ErasureList.parse(text, path);
}

/**
 * Restores a backup to the data folder of a stopped daemon. Root reads the backup as root, and works on the data folder
 * as its owner.
 * @param named the path of a list of erasures, besides that of the folder
 * @param tell is told what the operator should know before anything is replaced
 */
export function restore(
  path: string,
  data: string,
  replace: boolean,
  named?: string,
  tell?: (sentence: string) => Promise<void>,
): Promise<object> {
  return reportingBadData(() =>
    withSource(path, async (source) => {
      const check = (): void => asOneself(() => source.checkUnchanged());
      const erasures = named === undefined ? undefined : namedList(named);
      const { aside, erased } = await asOwnerOf(data, () =>
        restoreTo(source, data, replace, check, contractRules, { erasures, tell }),
      );
      return {
        data,
        ...(erased === 0 ? {} : { erased }),
        ...(aside === undefined ? {} : { replaced: basename(aside) }),
        ...(source.lacksLog
          ? {
              note: `${path} is a copy of a data folder's file without a log: if the daemon ran when it was made, the newest messages are missing`,
            }
          : {}),
      };
    }),
  );
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
