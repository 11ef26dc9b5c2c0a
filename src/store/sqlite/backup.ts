// Copies all data while the daemon goes on: one consistent state of it. Whoever receives the copy checks it
// (restore.ts): that takes a while, and here everybody would wait for it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { StoreFailure } from '../store.js';
import { messageOf } from '../../text/reason.js';
import { Database } from './database.js';
import { makeEmpty, removeUnfinished } from './private-files.js';

/** Bytes that are read at one time. */
const pieceBytes = 1024 * 1024;

let running = false;

/**
 * Hands a copy of the data in `folder` out, piece by piece; the next piece is read when `piece` has fulfilled. Needs as
 * much room beside the data as the copy takes, for as long as it lasts. Rejects with StoreFailure: no room, or another
 * copy under way.
 */
export async function backUp(
  folder: string,
  piece: (bytes: Buffer) => Promise<void>,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  if (running) throw new StoreFailure('another backup is under way');
  running = true;
  const copy = join(resolve(folder), 'backup.db');
  try {
    removeUnfinished(copy);
    await copyTo(join(resolve(folder), 'salond.db'), copy);
    const sum = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(copy, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) {
      sum.update(chunk);
      bytes += chunk.length;
      await piece(chunk);
    }
    return { bytes, sha256: sum.digest('hex') };
  } catch (error) {
    throw error instanceof StoreFailure ? error : new StoreFailure(`the backup failed: ${messageOf(error)}`);
  } finally {
    removeUnfinished(copy);
    running = false;
  }
}

/** Removes what a backup left that did not end: the daemon was killed. */
export function forgetBackup(folder: string): void {
  removeUnfinished(join(resolve(folder), 'backup.db'));
}

/** Not on the store's own connections, which go on meanwhile. */
async function copyTo(path: string, copy: string): Promise<void> {
  // SQLite takes an empty file as it is: for its owner alone, whatever the umask.
  makeEmpty(copy);
  const source = await Database.open(path);
  try {
    await source.all('VACUUM INTO ?', copy);
  } finally {
    await source.close();
  }
}
