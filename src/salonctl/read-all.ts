// Reads an open descriptor to its end. A stream of Node.js would do for files, but not for a pipe that is non-blocking:
// it fails with EAGAIN while it is empty.
import { read } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DataError, isCode } from '../store/sqlite/data-error.js';
import { reasonOf } from '../text/reason.js';

const pieceBytes = 256 * 1024;

/** Milliseconds before an empty pipe is tried again. */
const pause = 5;

/** The bytes, in pieces. Rejects with DataError, whose message begins with `name`, if they can't be read. */
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
