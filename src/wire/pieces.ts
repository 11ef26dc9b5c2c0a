// The rest of a text from a place on, for clients whose lines are too short for all of it (PROTOCOL.md §7,
// get_message).

/** The rest of a text. The line that carries it cuts it to what has room there (fit.ts). */
export interface Piece {
  readonly message: string;
  /** Where it begins: the bytes of UTF-8 before it. */
  readonly offset: number;
  /** Bytes of UTF-8 of the whole text. */
  readonly bytes: number;
  /** Whether the text goes on behind it. */
  readonly more: boolean;
}

/**
 * The text from the byte `offset` on, which is moved back to where a character begins.
 * @param escaped the text as it stands between the quotes of a JSON string
 */
export function pieceFrom(escaped: string, offset: number): Piece {
  const bytes = Buffer.from(JSON.parse(`"${escaped}"`) as string);
  let begin = Math.min(offset, bytes.length);
  while (begin > 0 && begin < bytes.length && isContinuation(bytes[begin])) begin -= 1;
  return { message: bytes.toString('utf8', begin), offset: begin, bytes: bytes.length, more: false };
}

/** Whether a byte of UTF-8 is not the first one of its character. */
function isContinuation(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}
