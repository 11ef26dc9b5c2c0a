// How names compare (PROTOCOL.md §5.5): the keys and skeletons of names that people could choose,
// properties over the characters that fold or look like others, and the generated tables against
// the runtime's own knowledge of Unicode, as far as it is of the same version.

import fc from 'fast-check';
import t from 'tap';
import { displayName, nameKey, skeleton, skeletons, unicodeVersion } from '../../src/text/names.js';
import { confusables } from '../../src/text/unicode/confusables.js';
import { folding } from '../../src/text/unicode/folding.js';
import { ignorable } from '../../src/text/unicode/ignorable.js';
import { decodeMap, decodeSet } from '../../src/text/unicode/table.js';
import { fieldCheck } from '../../src/wire/fields.js';
import { anyCharacter } from '../support/any-text.js';
import { skipUnlessPossible } from '../support/skip.js';

const byCharacter = (table: string): Map<string, string> =>
  new Map([...decodeMap(table)].map(([point, target]) => [String.fromCodePoint(point), target]));
const foldings = byCharacter(folding);
const prototypes = byCharacter(confusables);
const look = (name: string): string => skeleton(nameKey(name));

/** Text that is thick with what the tables are about; fast-check's own would hardly ever hit them. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...foldings.keys()),
    fc.constantFrom(...foldings.values()),
    fc.constantFrom(...prototypes.keys()),
    fc.constantFrom('\u0301', '\u0307', '\u0323', '\u0345', '\u034f', '\u200d', '\ufe0f'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    anyCharacter,
  ),
  maxLength: 8,
});

const same: readonly (readonly [first: string, second: string, why: string])[] = [
  ['Éloïse', 'éloïse', 'capitals'],
  ['e\u0301loi\u0308se', 'Éloïse', 'letters with their accents apart'],
  ['Straße', 'STRASSE', 'sharp s'],
  ['STRAẞE', 'strasse', 'the capital sharp s'],
  ['ＳＡＬＯＮ１', 'salon1', 'fullwidth forms'],
  ['ｶﾞ', 'ガ', 'halfwidth forms'],
  ['ﬁne ﬄuﬀ', 'FINE FFLUFF', 'ligatures'],
  ['ΟΔΥΣΣΕΥΣ', 'Οδυσσευς', 'the final sigma'],
  ['ᾳ', 'ΑΙ', 'the iota subscript'],
  ['\u03b1\u0345\u0323', 'Α\u0323Ι', 'the iota subscript, before another mark'],
  ['ꭰᏸ', 'ᎠᏰ', 'Cherokee, which folds to capitals'],
  ['ДОМ', 'дом', 'Cyrillic'],
  ['𐐀', '𐐨', 'Deseret, outside the first plane'],
  ['İstanbul', 'i\u0307stanbul', 'the dotted capital I, whose dot stays'],
  ['ISTANBUL', 'istanbul', 'a capital I, in no language'],
  ['㎒', 'mhz', 'capitals that only a compatibility decomposition shows'],
  ['x²', 'X2', 'superscripts'],
  ['\u212a', 'k', 'the Kelvin sign'],
];

t.test('names that differ in case or in compatible forms have one key', async (t) => {
  for (const [first, second, why] of same) t.equal(nameKey(first), nameKey(second), why);
  t.equal(nameKey('Éloïse'), 'éloïse');
});

t.test('names that differ otherwise have different keys', async (t) => {
  const names = [
    'éloïse',
    'eloise',
    'élois',
    'ıstanbul',
    'istanbul',
    'i\u0307stanbul',
    'istanbul ',
    '\u0440\u0430\u0443\u0440\u0430l',
    'paypal',
    'salon1',
    'salonl',
    '\u0430',
    'a',
    'ſalonß',
    'ΐ',
    'ι',
    '',
  ];
  t.equal(new Set(names.map(nameKey)).size, names.length);
});

t.test('a name is shown as written, composed', async (t) => {
  t.equal(displayName('E\u0301loi\u0308se'), 'Éloïse');
  t.equal(displayName('ＳＡＬＯＮ ﬁ'), 'ＳＡＬＯＮ ﬁ', 'compatible forms stay');
});

t.test('the key of a key is that key, in NFKC, and that of the stored spelling', async (t) => {
  const keys = [...foldings.keys(), ...prototypes.keys()].map(nameKey);
  t.strictSame(
    keys.filter((key) => nameKey(key) !== key),
    [],
  );
  fc.assert(
    fc.property(text, (name) => {
      const key = nameKey(name);
      return key === nameKey(key) && key === key.normalize('NFKC') && key === nameKey(displayName(name));
    }),
  );
});

t.test('small letters keep the key, and capitals but for a dotless i', async (t) => {
  fc.assert(fc.property(text, (name) => nameKey(name.toLowerCase()) === nameKey(name)));
  // Composed, a subscript iota would become a letter that the marks after it then belong to.
  fc.assert(
    fc.property(text, (name) => {
      const decomposed = name.replaceAll('ı', '').normalize('NFD');
      return nameKey(decomposed.toUpperCase()) === nameKey(decomposed);
    }),
  );
  t.not(nameKey('ı'), nameKey('ı'.toUpperCase()));
});

t.test('names that look alike have one skeleton', async (t) => {
  t.equal(look('p\u0430yp\u0430l'), look('paypal'), 'Cyrillic а');
  t.equal(look('P\u0410YP\u0410L'), look('paypal'), 'Cyrillic А, folded first');
  t.equal(look('rnodern'), look('modem'), 'rn and m');
  t.equal(look('sa1on'), look('salon'), '1 and l');
  t.equal(look('sa|on'), look('salon'), '| and l');
  t.equal(look('\u0455\u0430l\u043en'), look('Salon'), 'Cyrillic ѕ, а and о');
  t.equal(look('e\u0301loïse'), look('Éloïse'), 'canonical equivalents');
  t.equal(look('𝓈𝒶𝓁ℴ𝓃'), look('salon'), 'mathematical letters');
});

t.test('what is not seen is not in the skeleton', async (t) => {
  const unseen = [
    '\u00ad',
    '\u034f',
    '\u061c',
    '\u115f',
    '\u180b',
    '\u200b',
    '\u200d',
    '\u202e',
    '\u2060',
    '\u3164',
    '\ufe0f',
    '\ufeff',
    '\u{1d173}',
    '\u{e0041}',
    '\u{e0100}',
  ];
  for (const character of unseen) {
    const name = `sa${character}lon`;
    t.equal(look(name), 'salon', `U+${character.codePointAt(0)?.toString(16)}`);
    t.not(nameKey(name), 'salon', 'which the key has all the same');
  }
  t.equal(look('e\u034f\u0301'), look('é'), 'nor does it keep marks apart');
  t.equal(look('\u200b\u2060'), '', 'so a name can have the empty skeleton');
});

t.test('plain names stay distinct', async (t) => {
  const names = [
    'salon',
    'salons',
    'saloon',
    'éloïse',
    'eloise',
    'élise',
    'garçon',
    'garcon',
    'дом',
    'тон',
    'ton1',
    'ton2',
    'naïve',
    'naive',
    '東京',
    '京都',
    'かな',
    'がな',
    'α',
    'β',
    'user-1',
    'user_1',
  ];
  t.equal(new Set(names.map(look)).size, names.length);
  const plain = fc.stringMatching(/^[a-ln-z2-9 -]*$/);
  fc.assert(fc.property(plain, (name) => look(name).replaceAll('O', '0') === name));
});

const alike = (one: string, other: string): boolean => skeletons(one).some((each) => skeletons(other).includes(each));

t.test('names are alike where one skeleton of one is one of the other: as written, or once folded', async (t) => {
  t.same(skeletons('Ivan'), ['lvan', 'ivan']);
  t.same(skeletons('B0B'), ['bob', 'bob']);
  for (const [one, other] of [
    ['Ivan', 'lvan'],
    ['Ivan', '1van'],
    ['Ivan', 'LVAN'],
    ['B0B', 'BOB'],
    ['b0b', 'bob'],
    ['B0B', 'bob'],
    ['IRIS', 'lrls'],
    ['Ivan', 'ivan'],
    ['O1', 'ol'],
    ['PAYPAL', '\u0420AYPAL'],
    ['\u0421AT', 'cat'],
    ['modern', 'MODEM'.toLowerCase()],
    ['\u0399van', 'lvan'],
    ['Strauß', 'STRAUSS'],
  ] as const) {
    t.ok(alike(one, other) && alike(other, one), `${one} and ${other}`);
  }
  for (const [one, other] of [
    ['ivan', 'lvan'],
    ['Ivan', 'Jvan'],
    ['bob', 'bub'],
    ['anna', 'Ann'],
    ['ton1', 'ton2'],
  ] as const) {
    t.notOk(alike(one, other), `${one} and ${other}`);
  }
});

t.test('canonical equivalents, and spellings that are one name, are alike, whatever the name', async () => {
  fc.assert(
    fc.property(text, (name) => {
      const [written, folded] = skeletons(name);
      const [decomposed] = skeletons(name.normalize('NFD'));
      return (
        written === decomposed &&
        skeletons(nameKey(name)).includes(folded) &&
        alike(name, name.toLowerCase()) &&
        written === written.normalize('NFD')
      );
    }),
  );
});

t.test('canonical equivalents have one skeleton, which need not be its own', async (t) => {
  fc.assert(
    fc.property(text, (name) => {
      const found = skeleton(name);
      return skeleton(name.normalize('NFC')) === found && found.normalize('NFD') === found;
    }),
  );
  const once = look('ҋ');
  t.not(skeleton(once), once, 'the prototype й decomposes, and и has a prototype of its own');
});

t.test('half a surrogate pair is left as it is', async (t) => {
  t.equal(nameKey('A\ud800'), 'a\ud800');
  t.equal(look('\udc00A'), '\udc00a');
});

t.test('the tables are whole, and of the version they name', async (t) => {
  t.equal(unicodeVersion, '17.0.0');
  t.equal(foldings.size, 1585);
  t.equal(prototypes.size, 6565);
  t.equal(foldings.get('ΐ'), '\u03b9\u0308\u0301');
  t.equal(foldings.get('\u{1e921}'), '\u{1e943}', 'the last folding');
  t.equal(prototypes.get('⑽'), '(lO)');
  t.equal(prototypes.get('\u{2fa1d}'), '\u{2a600}', 'the last prototype');
});

t.test('what the runtime takes for an invisible letter, mark or digit is what the table has', async (t) => {
  const ignorables = decodeSet(ignorable);
  const differing: string[] = [];
  for (let point = 0; point <= 0x10ffff; point += 1) {
    const character = String.fromCodePoint(point);
    if (!/[\p{L}\p{M}\p{Nd}]/u.test(character)) continue;
    if (/\p{Default_Ignorable_Code_Point}/u.test(character) !== (character.replace(ignorables, '') === ''))
      differing.push(point.toString(16));
  }
  t.strictSame(differing, []);
});

t.test('no name that can be made has an empty skeleton', async (t) => {
  const empty: string[] = [];
  const problemOf = fieldCheck('new_room');
  for (let point = 0; point <= 0x10ffff; point += 1) {
    const character = String.fromCodePoint(point);
    if (problemOf(character) === undefined && look(character) === '') empty.push(point.toString(16));
  }
  t.strictSame(empty, [], 'no first character is nothing, so no name is');
});

t.test('one to one foldings are those of regular expressions', async (t) => {
  const assigned = [...foldings].filter(([character]) => /\P{Cn}/u.test(character));
  const single = assigned.filter(([, target]) => Array.from(target).length === 1);
  t.ok(single.length > 1400);
  t.strictSame(
    single.filter(([character, target]) => !new RegExp(character, 'iu').test(target)),
    [],
  );
});

t.test(
  "keys change what the runtime's NFKC_Casefold changes, but for ignorables",
  {
    skip: skipUnlessPossible(
      unicodeVersion.startsWith(`${process.versions['unicode']}.`),
      'this Node.js has another version of Unicode',
    ),
  },
  async (t) => {
    const ignorables = decodeSet(ignorable);
    const wrong: string[] = [];
    for (let point = 0; point < 0x30000; point += 1) {
      const character = String.fromCodePoint(point);
      const changes = /\p{Changes_When_NFKC_Casefolded}/u.test(character);
      const dropped = /\p{Default_Ignorable_Code_Point}/u.test(character);
      if (dropped !== (character.replace(ignorables, '') === '')) wrong.push(`ignorable: ${point}`);
      if (!dropped && changes !== (nameKey(character) !== character)) wrong.push(`folded: ${point}`);
    }
    t.strictSame(wrong, []);
  },
);
