// Converts the names of users and rooms into the forms that are shown, compared and told apart (PROTOCOL.md §5.5). Pure
// functions on strings: wire/fields.ts has checked that a name is well formed, and the store knows which names are
// taken. Case folding, prototypes and ignorable characters come from Unicode's tables in ./unicode; normalization is
// the runtime's own.

import { confusables } from './unicode/confusables.js';
import { folding } from './unicode/folding.js';
import { ignorable } from './unicode/ignorable.js';
import { decodeMap, decodeSet } from './unicode/table.js';

export { unicodeVersion } from './unicode/version.js';

/**
 * A name in its forms (PROTOCOL.md §5.5): `name` is shown, `key` is compared, and `skeletons` tell which names look
 * alike.
 */
export interface Name {
  readonly name: string;
  readonly key: string;
  readonly skeletons: readonly [written: string, folded: string];
}

const ascii = /^[\0-\x7f]*$/;
const foldings = decodeMap(folding);
const prototypes = decodeMap(confusables);
const ignorables = decodeSet(ignorable);

/**
 * Converts a name into the spelling that is stored and that replies and events carry.
 *
 * PROTOCOL.md §5.5: "A user's or a room's name is stored in NFC as first written".
 */
export function displayName(name: string): string {
  return name.normalize('NFC');
}

/**
 * Makes the key by which names are compared: two names are one exactly when their keys are the same string.
 *
 * PROTOCOL.md §5.5: "names compare by NFKC and case folding everywhere: `Éloïse` and `éloïse` are one". This is the
 * compatibility caseless match of the Unicode Standard (section 3.13, D146), with full case folding, brought to NFKC
 * at the end. The standard folds twice because a compatibility decomposition can uncover capitals (`㎒` is `MHz`) and
 * the iota subscript; a third time would change nothing, so the key of a key is that key.
 *
 * Limits: no language's own rules (the Turkish `I` folds to `i`, and `ı` stays apart from both), and ignorable
 * characters count, so `a` and `a` with a soft hyphen have two keys: their skeletons are the same. A character newer
 * than the runtime's Unicode isn't normalized.
 */
export function nameKey(name: string): string {
  // A fast path, because every message asks: normalization leaves ASCII as it is, and folding makes it lower case.
  if (ascii.test(name)) return name.toLowerCase();
  const once = replaceEach(name.normalize('NFD'), foldings).normalize('NFKD');
  return replaceEach(once, foldings).normalize('NFKC');
}

/**
 * Makes the skeleton of a text: texts with the same skeleton are hard to tell apart.
 *
 * The steps are those of UTS #39 section 4: NFD, ignorable characters dropped, each character replaced by its
 * prototype, NFD again. A skeleton serves for comparing only; it is not a name.
 *
 * Limits: UTS #39 now calls these steps internalSkeleton, and reorders right-to-left text before them; this function
 * does not. A text of ignorable characters alone has the empty skeleton; a new name can't be such a text. The skeleton
 * of a skeleton may be another text.
 */
export function skeleton(text: string): string {
  const visible = text.normalize('NFD').replace(ignorables, '');
  return replaceEach(visible, prototypes).normalize('NFD');
}

/**
 * Makes the two skeletons of a name: one of its spelling and one of its key. Both are case folded afterwards.
 *
 * PROTOCOL.md §5.5: a new name is refused where it shares a skeleton with a taken name. The first skeleton finds
 * names that look alike only in capitals (`Ivan` and `lvan`), the second those that look alike once folded. Folding
 * comes last because prototypes have either case: that of `0` is `O`, so without folding `B0B` and `BOB` would
 * differ.
 *
 * The database stores them. The tables of another version of Unicode can give others, so a change of the tables in
 * ./unicode needs a new migration that makes the skeletons again (`skeletonsOf` in store/sqlite/migrations.ts).
 */
export function skeletons(name: string): readonly [written: string, folded: string] {
  return [foldCase(skeleton(displayName(name))), foldCase(skeleton(nameKey(name)))];
}

/** Makes all the forms of a name that are stored or compared (PROTOCOL.md §5.5). */
export function nameForms(name: string): Name {
  return { name: displayName(name), key: nameKey(name), skeletons: skeletons(name) };
}

/** Folds case fully; canonically equivalent texts give the same text (the Unicode Standard, section 3.13, D145). */
function foldCase(text: string): string {
  return replaceEach(text.normalize('NFD'), foldings).normalize('NFD');
}

/**
 * Compares keys by code points, which is the order of lists and of the database. `<` compares UTF-16 units, which
 * differs beyond U+FFFF. Negative, 0 or positive.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = codePointOrder(a.charCodeAt(at)) - codePointOrder(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Moves UTF-16's surrogates, which stand for the highest code points, behind all other units. */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * Replaces each character that `map` has. The keys may be `undefined` only because codePointAt() answers that past the
 * end.
 */
function replaceEach(text: string, map: ReadonlyMap<number | undefined, string>): string {
  let out = '';
  for (const character of text) out += map.get(character.codePointAt(0)) ?? character;
  return out;
}
