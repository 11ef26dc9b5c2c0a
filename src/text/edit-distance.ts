// How many slips of the fingers lie between two words.

/** The rows of the table that are at hand. Words of another length take more time, and the same answer. */
let rows: [Uint8Array, Uint8Array, Uint8Array] = [new Uint8Array(64), new Uint8Array(64), new Uint8Array(64)];

/**
 * The Damerau-Levenshtein distance (optimal string alignment): how many units are inserted, left out, replaced or
 * swapped with their neighbour. More than `most` is answered `most + 1`. Takes time in proportion to the first one's
 * length times `most`.
 * @param most at most 250
 */
export function editDistance(one: string, other: string, most: number): number {
  const far = most + 1;
  if (Math.abs(one.length - other.length) > most) return far;
  if (other.length >= rows[0].length) {
    const size = 2 * other.length;
    rows = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)];
  }
  let [beforeLast, last, current] = rows;
  for (let column = 0; column <= other.length; column += 1) last[column] = Math.min(column, far);
  for (let row = 1; row <= one.length; row += 1) {
    // Beyond `most` columns from the diagonal all is far.
    const [from, to] = [Math.max(1, row - most), Math.min(other.length, row + most)];
    const unit = one.charCodeAt(row - 1);
    current[from - 1] = from === 1 ? Math.min(row, far) : far;
    for (let column = from; column <= to; column += 1) {
      const otherUnit = other.charCodeAt(column - 1);
      let distance = (last[column - 1] ?? far) + (unit === otherUnit ? 0 : 1);
      distance = Math.min(distance, (last[column] ?? far) + 1, (current[column - 1] ?? far) + 1);
      const isSwapped =
        row > 1 && column > 1 && unit === other.charCodeAt(column - 2) && one.charCodeAt(row - 2) === otherUnit;
      if (isSwapped) distance = Math.min(distance, (beforeLast[column - 2] ?? far) + 1);
      current[column] = Math.min(distance, far);
    }
    if (to < other.length) current[to + 1] = far;
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  return last[other.length] ?? far;
}
