// Bytes as Latin-1 strings: joining many small pieces is fastest with strings, and such a string becomes a Buffer
// without being encoded.

declare const brand: unique symbol;

/** UTF-8 bytes as a string in which each character is one byte, so `length` counts bytes. Must not be shown as text. */
export type ByteString = string & { readonly [brand]: true };

const notAscii = /[^\0-\x7f]/;

/** Encodes a text as UTF-8 bytes. */
export function toByteString(text: string): ByteString {
  return (notAscii.test(text) ? Buffer.from(text).toString('latin1') : text) as ByteString;
}

/** Converts the bytes of a Buffer, unchanged. */
export function byteStringOf(bytes: Buffer): ByteString {
  return bytes.toString('latin1') as ByteString;
}

/** The bytes from `begin` up to `end`, which is not included. A long slice shares the memory of `bytes`. */
export function sliceByteString(bytes: ByteString, begin: number, end: number): ByteString {
  return bytes.slice(begin, end) as ByteString;
}

/** Joins the pieces into one Buffer. */
export function joinByteStrings(pieces: readonly ByteString[]): Buffer {
  return Buffer.from(pieces.join(''), 'latin1');
}
