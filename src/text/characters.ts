// Counts the characters of texts as the contract does: code points after NFC (PROTOCOL.md §6). Pure.

/** The length of the pieces in which a long text is normalized, in UTF-16 units. */
const pieceUnits = 64;

/**
 * Counts the code points after NFC. Answers Infinity where they are surely more than `max`. Normalizing takes time
 * quadratic in a run of marks, whatever marks they are, so a text that is surely too long is not normalized as a whole.
 */
export function countCharacters(text: string, max: number): number {
  // No character has more than four code points in its canonical decomposition, and none more than two UTF-16 units.
  if (text.length > 8 * max || fewestCharacters(text) > max) return Infinity;
  return codePoints(text.normalize('NFC'));
}

/**
 * Counts code points that the text has at least after NFC, in time that grows with the length: it normalizes the text
 * in pieces. Where two pieces meet, a character takes in three code points of the second at most.
 */
function fewestCharacters(text: string): number {
  if (text.length <= pieceUnits) return 0;
  let count = 3;
  for (let at = 0; at < text.length; ) {
    const isInPair = (text.codePointAt(at + pieceUnits - 1) ?? 0) > 0xffff;
    const end = at + pieceUnits + (isInPair ? 1 : 0);
    count += codePoints(text.slice(at, end).normalize('NFC')) - 3;
    at = end;
  }
  return count;
}

function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count += 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}
