// Joins lines for one write. The members of a room wait for the same batches, and their outboxes are flushed one after
// the other. So the last list that was joined is remembered: who has the same list gets the same bytes, which are
// copied and kept in memory once for all of them.
import type { Lines } from './lines.js';

/** The last list of batches that was joined, and its bytes. */
let last: { readonly lines: readonly Lines[]; readonly joined: Buffer } | undefined;

/** Joins lines of `size` bytes in total. Returns a lone entry itself, so that a batch is not copied for each member. */
export function join(lines: readonly Lines[], size: number): Lines {
  const [first] = lines;
  if (lines.length === 1 && first !== undefined) return first;
  if (last !== undefined && isSameList(last.lines, lines)) return last.joined;
  const joined = Buffer.allocUnsafe(size);
  let at = 0;
  for (const line of lines) at += typeof line === 'string' ? joined.write(line, at) : line.copy(joined, at);
  // Texts are replies, which nobody else has.
  if (lines.every((line) => typeof line !== 'string')) last = { lines: [...lines], joined };
  return joined;
}

/** Whether others may have these lines too, because `join` remembers them. */
export function mayBeShared(lines: Lines): boolean {
  return lines === last?.joined;
}

function isSameList(one: readonly Lines[], other: readonly Lines[]): boolean {
  return one.length === other.length && one.every((line, at) => line === other[at]);
}
