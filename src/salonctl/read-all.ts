// An open descriptor, read to its end. A stream of Node.js would do for a file; a pipe may have been made non-blocking, by whoever
// made it or by Node.js itself, and then has nothing to read now and then.
import { read } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DataError, isCode } from '../store/sqlite/data-error.js';
import { reasonOf } from '../text/reason.js';

const pieceBytes = 256 * 1024;

/** Milliseconds until a pipe that is empty is tried again. */
const pause = 5;

/** The bytes, some at a time. Rejects with DataError, which says `name`, where they can't be read. */
export async function* readAll(file: number, name: string): AsyncIterable<Uint8Array> {
  for (let piece = await readPiece(file, name); piece.length > 0; piece = await readPiece(file, name)) yield piece;
}

async function readPiece(file: number, name: string): Promise<Uint8Array> {
  const piece = Buffer.allocUnsafe(pieceBytes);
  for (;;) {
    try {
      const { bytesRead } = await promisify(read)(file, piece, 0, pieceBytes, null);
      return piece.subarray(0, bytesRead);
    } catch (error) {
      if (!isCode(error, 'EAGAIN')) throw new DataError(`${name} can't be read: ${reasonOf(error)}`);
      await wait(pause);
    }
  }
}
