// Complete lines on their way to a client.

/** Complete lines that are added to an outbox together: bytes, or a text. */
export type Lines = Buffer | string;

/** The bytes of `lines` on the wire. */
export function sizeOf(lines: Lines): number {
  return typeof lines === 'string' ? Buffer.byteLength(lines) : lines.length;
}
