// Characters for properties of any text. fast-check's own `unit: 'binary'` makes the same, and a map of all million of
// them first, which takes longer than most properties do.
import fc from 'fast-check';

/** Where the surrogates begin, which are no characters of their own. */
const surrogates = 0xd800;
/** How many surrogates there are. */
const surrogateCount = 0x800;

/**
 * Any character of Unicode, control characters and those that nobody has assigned included: the unit of a `fc.string`.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.nat({ max: 0x10ffff - surrogateCount }).map(
  (index) => String.fromCodePoint(index < surrogates ? index : index + surrogateCount),
  (character) => indexOf(character),
);

/** The index of a character among all. Throws where it is none, or more than one: fast-check asks for any value. */
function indexOf(character: unknown): number {
  const [first = '', ...others] = typeof character === 'string' ? character : '';
  const point = first.codePointAt(0);
  if (point === undefined || others.length > 0) throw new Error('not one character');
  if (point >= surrogates && point < surrogates + surrogateCount) throw new Error('half of a character');
  return point < surrogates ? point : point - surrogateCount;
}
