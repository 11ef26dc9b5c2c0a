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
 * For each byte value: 0 for an ASCII character that stands for itself, 1 for a byte that needs a closer check.
 */
const isSpecial = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < space || byte === quote || byte === backslash || byte >= del ? 1 : 0,
);

/**
 * Says what is wrong with the text at `begin` to `end` in `bytes`, as part of a sentence; undefined for nothing. A
 * right text may stand between the quotes of a JSON string in a line of the protocol, and has 1 to `maxMessageBytes`
 * bytes before JSON escapes some of them.
 */
export function problemOfStoredText(bytes: Buffer, begin: number, end: number): string | undefined {
  // Most texts are of plain ASCII. Looking each byte up takes a third of the time of comparisons.
  let special = 0;
  for (let at = begin; at < end; at += 1) special |= isSpecial[bytes[at] ?? 0] ?? 0;
  return special === 0 ? problemOfLength(end - begin) : problemOfSpecial(bytes, begin, end);
}

/** Checks a text that has other bytes than those of plain ASCII. */
function problemOfSpecial(bytes: Buffer, begin: number, end: number): string | undefined {
  for (let at = begin; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < space || byte === quote || byte === del) return 'a text has a byte that JSON escapes';
    // A quote after a backslash does not end the text.
    if (byte === backslash) at += 1;
  }
  if (!isUtf8(bytes.subarray(begin, end))) return 'a text is not UTF-8';
  return problemOfText(bytes.toString('utf8', begin, end));
}

/** Raw characters that no line has (PROTOCOL.md §3.1). */
const notInLines = /[\u007f-\u009f\u2028\u2029]/;

/** Checks a text whose bytes are UTF-8, without quotes that end it. */
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
  if (length === 0) return 'a text is empty';
  return length <= maxMessageBytes ? undefined : `a text has ${length} bytes, and may have ${maxMessageBytes}`;
}
