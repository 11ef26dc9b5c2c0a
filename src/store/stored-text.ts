// Checks the bytes of a stored text before anybody is shown them: they are copied into lines of the protocol as they
// stand, so bytes that somebody crafted could end a line or a JSON string early.
import { isUtf8 } from 'node:buffer';

/** Bytes of UTF-8 that the longest message has before JSON escapes some of them (PROTOCOL.md §6). */
export const maxMessageBytes = 4096;

/** Matches half of a surrogate pair, which UTF-8 can't encode, so that no client may be shown it. */
export const loneSurrogate = /\p{Cs}/u;

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const del = 0x7f;

/**
 * Says what is wrong with the text at `begin` to `end` in `bytes`, as part of a sentence; undefined for nothing. A right
 * text may stand between the quotes of a JSON string in a line of the protocol, and has at most `maxMessageBytes` bytes.
 */
export function problemOfStoredText(bytes: Buffer, begin: number, end: number): string | undefined {
  let isAscii = true;
  let isEscaped = false;
  for (let at = begin; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < space || byte === quote || byte === del) return 'a text has a byte that JSON escapes';
    if (byte === backslash) {
      isEscaped = true;
      // What follows is no quote that ends the text.
      at += 1;
    } else if (byte > del) isAscii = false;
  }
  if (!isAscii && !isUtf8(bytes.subarray(begin, end))) return 'a text is not UTF-8';
  if (isAscii && !isEscaped) return problemOfLength(end - begin);
  return problemOfText(bytes.toString('utf8', begin, end));
}

/** Raw characters that no line has (PROTOCOL.md §3.1). */
const notInLines = /[\u007f-\u009f\u2028\u2029]/;

/** The same of a text that has escapes or characters beyond ASCII. */
function problemOfText(escaped: string): string | undefined {
  if (notInLines.test(escaped)) return 'a text has a character that JSON escapes';
  let text: string;
  try {
    text = JSON.parse(`"${escaped}"`) as string;
  } catch {
    return 'a text is not JSON';
  }
  if (loneSurrogate.test(text)) return 'a text has half of a surrogate pair';
  return problemOfLength(Buffer.byteLength(text));
}

function problemOfLength(length: number): string | undefined {
  return length <= maxMessageBytes ? undefined : `a text has ${length} bytes, and may have ${maxMessageBytes}`;
}
