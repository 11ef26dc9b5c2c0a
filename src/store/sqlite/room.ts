// Whether the disk has room. Asked by writing: what the system says of free blocks leaves out quotas, inodes and what is kept for root.
import { open, rm } from 'node:fs/promises';

/** What a database needs beside itself to be opened to write, its log's index above all, and the first commits. */
const neededBytes = 256 * 1024;

/** Errors that say that there is no room: of blocks or inodes, of a quota. */
const noRoom = new Set(['ENOSPC', 'EDQUOT']);

/** Writes a file of that size beside the database and removes it. Why that can't be, if it can't for want of room. */
export async function lackOfRoom(database: string): Promise<string | undefined> {
  const path = `${database}-room`;
  try {
    // What a killed daemon left.
    await rm(path, { force: true });
    const file = await open(path, 'wx', 0o600);
    try {
      // No zeros: there are file systems that keep those without room.
      await file.writeFile(Buffer.alloc(neededBytes, 'room'));
      await file.sync();
    } finally {
      await file.close();
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && noRoom.has(String(error.code)))) return undefined;
    return error instanceof Error && 'code' in error && error.code === 'EDQUOT' ? 'the quota of the disk is used up' : 'there is no room on the disk';
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}
