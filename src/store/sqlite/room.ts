// Finds out whether the disk has room, by writing: what the system says of free blocks leaves out quotas, inodes and
// what is kept for root.
import { open, rm, type FileHandle } from 'node:fs/promises';

/** What a database needs beside itself to be opened to write, its log's index above all, and the first commits. */
const neededBytes = 256 * 1024;

/** Errors that say that there is no room: of blocks or inodes, of a quota. */
const noRoom = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Creates two files beside the database, as the log and its index are, writes 256 KiB, and removes them. Answers why
 * that can't be done, where it is for want of room; undefined otherwise.
 */
export async function lackOfRoom(database: string): Promise<string | undefined> {
  const paths = [`${database}-room`, `${database}-room2`];
  const files: FileHandle[] = [];
  try {
    for (const path of paths) {
      // What a killed daemon left.
      await rm(path, { force: true });
      files.push(await open(path, 'wx', 0o600));
    }
    // No zeros: there are file systems that keep those without room.
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
