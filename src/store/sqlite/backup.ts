// Copies all data while the daemon goes on: one consistent state of it. The receiver checks the copy (restore.ts): that
// takes a while, and here everybody would wait for it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { StoreFailure } from '../store.js';
import { messageOf } from '../../text/reason.js';
import { Database } from './database.js';
import { makeEmpty, removeUnfinished } from './private-files.js';

/** Bytes that are read at one time. */
const pieceBytes = 1024 * 1024;

/** The folders of which a copy is under way. A process has one unless it is a test's. */
const running = new Set<string>();

/**
 * Copies the data in `folder`, and hands the copy over in pieces; it reads the next piece when `piece` has fulfilled. Needs as
 * much room beside the data as the copy takes, for as long as it lasts. Rejects with StoreFailure: no room, or another
 * copy under way.
 */
export async function backUp(
  folder: string,
  piece: (bytes: Buffer) => Promise<void>,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const path = resolve(folder);
  if (running.has(path)) throw new StoreFailure('another backup is under way');
  running.add(path);
  const copy = join(path, 'backup.db');
  try {
    removeUnfinished(copy);
    await copyTo(join(path, 'salond.db'), copy);
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
    running.delete(path);
  }
}

/** Removes the files of a backup that did not finish because the daemon was killed. */
export function forgetBackup(folder: string): void {
  removeUnfinished(join(resolve(folder), 'backup.db'));
}

/** Copies the database on a connection of its own, while the store's connections go on. */
async function copyTo(path: string, copy: string): Promise<void> {
  // SQLite uses an empty file as it is, so the copy is for its owner alone, whatever the umask is.
  makeEmpty(copy);
  const source = await Database.open(path);
  try {
    await source.all('VACUUM INTO ?', copy);
  } finally {
    await source.close();
  }
}
