// The distance between two words: known ones, and that the banded table is as the whole one.
import fc from 'fast-check';
import t from 'tap';
import { editDistance } from '../../src/text/edit-distance.js';

/** The same by the whole table, as textbooks have it. */
function wholeDistance(one: string, other: string): number {
  const table = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => table[row]?.[column] ?? Infinity;
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    table.push(line);
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (one[row - 1] === other[column - 1] ? 0 : 1);
      const swapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
          ? at(row - 2, column - 2) + 1
          : Infinity;
      line.push(Math.min(replaced, at(row - 1, column) + 1, at(row, column - 1) + 1, swapped));
    }
  }
  return at(one.length, other.length);
}

t.test('an insertion, an omission, a replacement and a swap are one slip each', async (t) => {
  for (const word of ['joiin', 'jon', 'jain', 'jion', 'join ', 'oin']) t.equal(editDistance(word, 'join', 3), 1, word);
  t.equal(editDistance('join', 'join', 3), 0);
  t.equal(editDistance('jiont', 'join', 3), 2);
  t.equal(editDistance('', 'abc', 3), 3);
});

t.test('what is further away than was asked for is one more than that', async (t) => {
  t.equal(editDistance('join', 'rooms', 2), 3);
  t.equal(editDistance('join', 'join_chatroom', 3), 4);
  t.equal(editDistance('a'.repeat(100), 'b'.repeat(100), 3), 4, 'longer than the rows at hand');
  t.equal(editDistance('a'.repeat(200), `${'a'.repeat(198)}ba`, 3), 1);
  t.equal(editDistance('same', 'same', 0), 0);
});

t.test('it is the distance of the whole table, as far as was asked', async () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '_'), maxLength: 12 });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 5 }), (one, other, most) => {
      const wanted = Math.min(wholeDistance(one, other), most + 1);
      if (editDistance(one, other, most) !== wanted) throw new Error(`${one} ${other}: not ${wanted}`);
    }),
    { numRuns: 20_000 },
  );
});
