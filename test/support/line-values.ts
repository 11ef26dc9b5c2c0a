// Random members of lines, of the types that protocol/ gives them: for properties of the forms (PROTOCOL.md §8.2).
import fc from 'fast-check';
import type { CommandFile, EventEntry, MemberSpec } from '../../tools/protocol-files.js';
import type { Members } from '../../tools/server-line.js';
import { anyCharacter } from './any-text.js';

/** Letters, digits and marks of many scripts that NFC leaves as they are, two of them beyond U+FFFF. */
const ofNames = fc.constantFrom(...Array.from('aZ0_.-éßΩЖאاकि東한ก้𐐀𠀀'));

/** Any name of a room, or else of a user. Some are as long as can be, in characters of four bytes. */
export function anyName(most: number): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 8 }),
    fc.string({ unit: ofNames, minLength: 1, maxLength: most, size: 'max' }),
    fc.constantFrom('a'.repeat(most), 'é'.repeat(most), '東'.repeat(most), '𐐀'.repeat(most)),
  );
}

/** Characters that some form writes as an escape, and those beside them. */
const special = fc.constantFrom(
  ...Array.from('"\\/\t\n\r\0\b\f\x1b\x1f \x7e\x7f\x80\x85\x9f\xa0\u2027\u2028\u2029\u202a\u202e\u2066\u2069\ufeff'),
  '\u0301',
  '🎈',
  '\u{10ffff}',
  '\\n',
  '\\u2028',
  '\\t',
);
const piece = fc.string({ unit: fc.oneof(special, anyCharacter, fc.constantFrom('a', 'b', ' ')), maxLength: 24 });

/** Any text: short ones, and long ones of some hundreds or thousands of characters. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  piece,
  fc.tuple(piece, fc.nat(60)).map(([text, times]) => text.repeat(times)),
  fc.tuple(piece, fc.nat(400), piece).map(([text, times, end]) => 'x'.repeat(times) + text + end),
  fc.tuple(special, fc.constantFrom(500, 1365, 4096)).map(([text, times]) => text.repeat(times)),
);

const time = fc.constantFrom('2026-11-22T12:00:00.000Z', '1970-01-01T00:00:00.001Z');
const anyInteger = fc.oneof(fc.nat(1000), fc.maxSafeNat(), fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER));

/** Of the length of a token's id, of a secret, or of both. */
const base64url = fc.constantFrom('a_-'.repeat(8), 'Z'.repeat(43));

function valueOf(spec: MemberSpec): fc.Arbitrary<unknown> {
  const { name, type, values, of, members = [] } = spec;
  if (values !== undefined) return fc.constantFrom(...values);
  switch (type) {
    case 'string':
      return anyText;
    case 'name':
    case 'author':
    case 'actor':
      return anyName(name === 'room' || name === 'name' ? 64 : 32);
    case 'time':
      return time;
    case 'base64url':
      return base64url;
    case 'token':
      return fc.constant(`${'a'.repeat(24)}.${'b'.repeat(43)}`);
    case 'boolean':
      return fc.boolean();
    case 'ref':
      return anyRef;
    case 'object':
      return membersOf(members);
    case 'list':
      return listOf(of ?? []);
    default:
      return anyInteger;
  }
}

function listOf(of: string | readonly MemberSpec[]): fc.Arbitrary<readonly unknown[]> {
  // Those of a command's codes.
  if (of === 'integer') return fc.uniqueArray(fc.integer({ min: 1, max: 18 }));
  if (of === 'string') return fc.array(fc.constantFrom('ping', 'help', 'get_direct_message'), { maxLength: 60 });
  const item: fc.Arbitrary<unknown> = typeof of === 'string' ? anyName(32) : membersOf(of);
  return fc.oneof(fc.array(item, { maxLength: 3 }), fc.array(item, { maxLength: 60, size: 'max' }));
}

/** Any `ref`: at most 64 characters, or an integer. */
export const anyRef: fc.Arbitrary<string | number> = fc.oneof(
  fc.maxSafeInteger(),
  fc.string({
    unit: fc.oneof(
      special.filter((text) => text.length === 1),
      anyCharacter,
    ),
    maxLength: 64,
    size: 'max',
  }),
  fc.constantFrom('', '\0'.repeat(64), '🎈'.repeat(64), 'é'.repeat(64), 'x'.repeat(64)),
);

/** Any members of these. Those that are optional are undefined at times, and some that may be null are. */
export function membersOf(specs: readonly MemberSpec[]): fc.Arbitrary<Members> {
  const entries = specs.map((spec) => {
    const value = valueOf(spec);
    const orNull = spec.null === true ? fc.option(value) : value;
    const orAbsent = spec.optional === true ? fc.option(orNull, { nil: undefined }) : orNull;
    return orAbsent.map((each) => [spec.name, each] as const);
  });
  return fc.tuple(...entries).map((all) => Object.fromEntries(all));
}

/** Any members of an event, as they are before the line is cut. */
export function membersOfEvent({ members }: EventEntry): fc.Arbitrary<Members> {
  return membersOf(members.filter(({ name }) => name !== 'cut'));
}

/** Any results of a command, as they are before the line is cut. */
export function resultsOf({ name, results }: CommandFile): fc.Arbitrary<Members> {
  return membersOf(results).map((members) => {
    if (name === 'help') return helpOf(members);
    return 'offset' in members ? { ...members, more: false } : members;
  });
}

/** Help lists the commands, or describes one. */
function helpOf({ commands, ...others }: Members): Members {
  return others['about'] === undefined ? { commands: commands ?? [] } : { commands: undefined, ...others };
}
