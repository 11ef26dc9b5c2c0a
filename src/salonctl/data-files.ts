// What the commands share that read and write files of data: backups (backup.ts) and exports (export.ts). Only those
// load this file, because it loads the database.
import { readFileSync } from 'node:fs';
import { DatabaseError } from '../store/sqlite/database.js';
import { DataError } from '../store/sqlite/data-error.js';
import { ErasureList } from '../store/sqlite/erasure-list.js';
import { Source } from '../store/sqlite/source.js';
import { StoreFailure } from '../store/store.js';
import { reasonOf } from '../text/reason.js';
import { BadData } from './errors.js';
import { cleaningOnSignals } from './new-file.js';

/** Runs `work`. Turns errors of the store into BadData, and removes unfinished files if a signal ends the process. */
export async function reportingBadData<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await cleaningOnSignals(work);
  } catch (error) {
    const isOurs = error instanceof DataError || error instanceof StoreFailure || error instanceof DatabaseError;
    throw isOurs ? new BadData(error.message) : error;
  }
}

/** Runs `work` with a file of data that is opened for reading, then closes it. */
export async function withSource<Result>(path: string, work: (source: Source) => Promise<Result>): Promise<Result> {
  const source = await Source.open(path);
  try {
    return await work(source);
  } finally {
    source.close();
  }
}

/** Reads a list of erasures that an operator names. Throws DataError. */
export function namedList(path: string): ErasureList {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new DataError(`${path} can't be read: ${reasonOf(error)}`);
  }
  return ErasureList.parse(text, path);
}
