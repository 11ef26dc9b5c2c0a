// Copies all data while the daemon goes on: one consistent state of it. The receiver checks the copy (restore.ts): that
// takes a while, and here everybody would wait for it. A backup is in no hurry: while messages are stored, it rests
// four times as long as it works, so that they have the disk, a processor and the event loop for themselves most of the
// time.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreFailure } from '../store.js';
import { messageOf } from '../../text/reason.js';
import { Database } from './database.js';
import { makeEmpty, removeUnfinished } from './private-files.js';

/** Bytes that are read at one time: hashing them takes the event loop half a millisecond or one. */
const pieceBytes = 256 * 1024;

/** Pages (of 4 KiB as a rule) that are copied at one time. Then the disk has to write them: some milliseconds. */
const stepPages = 256;

/** How many times as long as a step the rest after it takes: while messages are stored, and while none are. */
const [busyRatio, quietRatio] = [4, 1];

/** Milliseconds that a rest takes at most: who receives slowly should not be made slower. */
const longestRest = 100;

/** The folders of which a copy is under way. A process has one unless it is a test's. */
const running = new Set<string>();

/**
 * Copies the data in `folder`, and hands the copy over in pieces; it reads the next piece when `piece` has fulfilled.
 * Needs as much room beside the data as the copy takes, for as long as it lasts. Rejects with StoreFailure: no room, or
 * another copy under way.
 * @param isBusy whether messages are being stored
 */
export async function backUp(
  folder: string,
  piece: (bytes: Buffer) => Promise<void>,
  isBusy = (): boolean => false,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const path = resolve(folder);
  if (running.has(path)) throw new StoreFailure('another backup is under way');
  running.add(path);
  const copy = join(path, 'backup.db');
  try {
    removeUnfinished(copy);
    const thenRest = resting(isBusy);
    await copyTo(join(path, 'salond.db'), copy, thenRest);
    const sum = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(copy, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      await thenRest(async () => {
        sum.update(chunk);
        await piece(chunk);
      });
    }
    return { bytes, sha256: sum.digest('hex') };
  } catch (error) {
    throw error instanceof StoreFailure ? error : new StoreFailure(`the backup failed: ${messageOf(error)}`);
  } finally {
    removeUnfinished(copy);
    running.delete(path);
  }
}

/** Removes the files of a backup that did not finish because the daemon was killed. */
export function forgetBackup(folder: string): void {
  removeUnfinished(join(resolve(folder), 'backup.db'));
}

/**
 * Copies the database on a connection of its own, while the store's connections go on: one state of it, in small steps.
 * The disk is told to write each step. Otherwise it would write all of the copy at once, and a commit's sync would
 * wait for that.
 */
async function copyTo(path: string, copy: string, thenRest: ThenRest): Promise<void> {
  // SQLite uses an empty file as it is, so the copy is for its owner alone, whatever the umask is.
  makeEmpty(copy);
  const source = await Database.open(path);
  try {
    const file = await open(copy, 'r+');
    try {
      await copyPages(source, copy, thenRest, () => file.datasync());
    } finally {
      await file.close();
    }
  } finally {
    await source.close();
  }
  await leaveLog(copy);
}

async function copyPages(source: Database, copy: string, thenRest: ThenRest, sync: () => Promise<void>): Promise<void> {
  await source.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
  const copying = await source.beginCopy(copy);
  try {
    const some = async (): Promise<boolean> => {
      const isLast = await copying.step(stepPages);
      if (!isLast) await sync();
      return isLast;
    };
    while (!(await thenRest(some)));
  } finally {
    await copying.finish();
  }
}

/** Makes the copy one file that needs no log beside it. It has the header of the source, which does. */
async function leaveLog(copy: string): Promise<void> {
  const database = await Database.open(copy);
  try {
    await database.all('PRAGMA journal_mode = DELETE');
  } finally {
    await database.close();
  }
}

/** Does a part of the work, and then rests. */
type ThenRest = <Result>(work: () => Promise<Result>) => Promise<Result>;

function resting(isBusy: () => boolean): ThenRest {
  return async (work) => {
    const begun = performance.now();
    const result = await work();
    const took = performance.now() - begun;
    await sleep(Math.min(longestRest, took * (isBusy() ? busyRatio : quietRatio)));
    return result;
  };
}
