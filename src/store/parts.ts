// Cuts a page of stored messages into parts that are read one after the other, so that no reader needs memory for all.

/**
 * Joins neighbouring rows to parts of at most `maxBytes` bytes. A row that has more is a part of its own. Answers the id
 * of the last message of each part.
 *
 * @param rows for each row the id of its last message, and its bytes
 */
export function partsOf(
  rows: readonly (readonly [last: number, bytes: number])[],
  maxBytes: number,
): readonly number[] {
  const parts: number[] = [];
  let sum = 0;
  for (const [place, [, bytes]] of rows.entries()) {
    const before = rows[place - 1];
    if (before !== undefined && sum + bytes > maxBytes) {
      parts.push(before[0]);
      sum = 0;
    }
    sum += bytes;
  }
  const newest = rows.at(-1);
  if (newest !== undefined) parts.push(newest[0]);
  return parts;
}
