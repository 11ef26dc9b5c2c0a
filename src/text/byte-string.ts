// Bytes as strings: putting many small pieces together is fastest with strings, and these become a Buffer without being encoded.

declare const brand: unique symbol;

/** UTF-8 bytes as a string: each character is one byte. Its `length` counts bytes. Not to be shown as text. */
export type ByteString = string & { readonly [brand]: true };

const notAscii = /[^\0-\x7f]/;

/** The UTF-8 bytes of a text. */
export function toByteString(text: string): ByteString {
  return (notAscii.test(text) ? Buffer.from(text).toString('latin1') : text) as ByteString;
}

/** Bytes as they are. */
export function byteStringOf(bytes: Buffer): ByteString {
  return bytes.toString('latin1') as ByteString;
}

/** The bytes from one place to another, that one not included. Nothing is copied where there are many. */
export function sliceByteString(bytes: ByteString, begin: number, end: number): ByteString {
  return bytes.slice(begin, end) as ByteString;
}

/** The pieces one behind the other, as a Buffer. */
export function joinByteStrings(pieces: readonly ByteString[]): Buffer {
  return Buffer.from(pieces.join(''), 'latin1');
}
