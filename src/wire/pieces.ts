// Cuts texts into pieces that fit into lines (PROTOCOL.md §7, get_message).
import { jsonText } from '../text/json.js';

/** A piece of a text. */
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
 * Cuts a piece out of a text: the characters from the byte `offset` on, which is moved back to where a character
 * begins, as many as have `maxBytes` bytes in JSON, and at least one where there is one.
 * @param escaped the text as it stands between the quotes of a JSON string
 */
export function pieceOf(escaped: string, offset: number, maxBytes: number): Piece {
  const bytes = Buffer.from(JSON.parse(`"${escaped}"`) as string);
  let begin = Math.min(offset, bytes.length);
  while (begin > 0 && begin < bytes.length && isContinuation(bytes[begin])) begin -= 1;
  const rest = bytes.toString('utf8', begin);
  let message = rest;
  // Most pieces are all of the rest.
  if (Buffer.byteLength(jsonText(rest)) > maxBytes) {
    let room = maxBytes;
    message = '';
    for (const character of rest) {
      room -= Buffer.byteLength(jsonText(character));
      if (room < 0 && message !== '') break;
      message += character;
    }
  }
  const more = begin + Buffer.byteLength(message) < bytes.length;
  return { message, offset: begin, bytes: bytes.length, more };
}

/** Whether a byte of UTF-8 is not the first one of its character. */
function isContinuation(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}
