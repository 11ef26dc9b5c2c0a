// Finds out whether the disk has room, by writing: what the system says of free blocks leaves out quotas, inodes and
// what is kept for root.
import { open, rm, type FileHandle } from 'node:fs/promises';

/** The room that SQLite needs to open a database to write, mostly for the log's index, and for the first commits. */
const neededBytes = 256 * 1024;

/** Errors that say that there is no room: of blocks or inodes, of a quota. */
const noRoom = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Creates two files beside the database, as the log and its index are, writes 256 KiB, and removes them. Answers a
 * sentence where there is no room for that; undefined otherwise, also after other errors.
 */
export async function lackOfRoom(database: string): Promise<string | undefined> {
  const paths = [`${database}-room`, `${database}-room2`];
  const files: FileHandle[] = [];
  try {
    for (const path of paths) {
      // A killed daemon may have left it.
      await rm(path, { force: true });
      files.push(await open(path, 'wx', 0o600));
    }
    // No zeros: some file systems store zeros without using room.
    await files[0]?.writeFile(Buffer.alloc(neededBytes, 'room'));
    await files[0]?.sync();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && noRoom.has(String(error.code)))) return undefined;
    return error instanceof Error && 'code' in error && error.code === 'EDQUOT'
      ? 'the quota of the disk is used up'
      : 'there is no room on the disk';
  } finally {
    for (const file of files) await file.close().catch(() => undefined);
    for (const path of paths.slice(0, files.length)) await rm(path, { force: true }).catch(() => undefined);
  }
}
