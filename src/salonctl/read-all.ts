// Reads an open descriptor to its end. Node.js' streams can't be used, because with a non-blocking pipe they fail with
// EAGAIN while it is empty.
import { read } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DataError, isCode } from '../store/sqlite/data-error.js';
import { reasonOf } from '../text/reason.js';

const pieceBytes = 256 * 1024;

/** Milliseconds before an empty pipe is tried again. */
const pause = 5;

/** Yields the bytes in pieces. Throws DataError if they can't be read; its message begins with `name`. */
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
