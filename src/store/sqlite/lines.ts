// Cuts bytes into lines at LF and nowhere else: the readers of Node.js 24 cut at U+2028 too, which may stand in a text.
import { DataError } from './data-error.js';

/** The longest line of an export: a message of 4,096 bytes, each of which JSON writes as six, and its key. */
const maxLineBytes = 64 * 1024;

/**
 * Yields the lines, each with its LF. The last one has none where the bytes do not end in LF. Rejects with DataError
 * where one is longer than 64 KiB.
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let kept = Buffer.alloc(0);
  let number = 1;
  for await (const piece of pieces) {
    const bytes = kept.length === 0 ? Buffer.from(piece) : Buffer.concat([kept, piece]);
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      if (end - from > maxLineBytes) throw tooLong(number);
      yield bytes.subarray(from, end + 1);
      from = end + 1;
      number += 1;
    }
    kept = bytes.subarray(from);
    if (kept.length > maxLineBytes) throw tooLong(number);
  }
  if (kept.length > 0) yield kept;
}

function tooLong(number: number): DataError {
  return new DataError(
    `line ${number} can't be taken: it is longer than ${maxLineBytes} bytes, and no line of an export is`,
  );
}
