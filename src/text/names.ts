// How the names of users and rooms are shown, compared and told apart (PROTOCOL.md §5.5). Pure
// functions on strings: which names are well formed is checked before they get here, and what is
// taken is for whoever keeps the names to say. Case folding, prototypes and ignorable characters
// come from Unicode's tables in ./unicode; normalization is the runtime's own.

import { confusables } from './unicode/confusables.js';
import { folding } from './unicode/folding.js';
import { ignorable } from './unicode/ignorable.js';
import { decodeMap, decodeSet } from './unicode/table.js';

export { unicodeVersion } from './unicode/version.js';

/** A name in its forms (PROTOCOL.md §5.5): as written, as compared, and as it looks, as written and once folded. */
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
 * The spelling that is stored and that replies and events carry.
 *
 * PROTOCOL.md §5.5: "A user's or a room's name is stored in NFC as first written".
 */
export function displayName(name: string): string {
  return name.normalize('NFC');
}

/**
 * The key by which names compare: two names are one exactly when their keys are the same string.
 *
 * PROTOCOL.md §5.5: "names compare by NFKC and case folding everywhere: `Éloïse` and `éloïse` are
 * one". This is the compatibility caseless match of the Unicode Standard (section 3.13, D146),
 * with full case folding, brought to NFKC at the end. The standard folds twice because a
 * compatibility decomposition can uncover capitals (`㎒` is `MHz`) and the iota subscript; what
 * comes out no longer changes, so that the key of a key is that key.
 *
 * Limits: no language's own rules (the Turkish `I` folds to `i`, and `ı` stays apart from both),
 * and ignorable characters count, so `a` and `a` with a soft hyphen have two keys: their skeletons
 * are the same. A character newer than the runtime's Unicode isn't normalized.
 */
export function nameKey(name: string): string {
  // Most names, and every message asks: of ASCII, normalization changes nothing and folding is this.
  if (ascii.test(name)) return name.toLowerCase();
  const once = replaceEach(name.normalize('NFD'), foldings).normalize('NFKD');
  return replaceEach(once, foldings).normalize('NFKC');
}

/**
 * What a text looks like: texts with one skeleton are hard to tell apart.
 *
 * The steps are those of UTS #39 section 4: NFD, ignorable characters dropped, each character
 * replaced by its prototype, NFD again. A skeleton is for comparing only, it is no name itself.
 *
 * Limits: UTS #39 now calls these steps internalSkeleton, and has right-to-left text put into the
 * order in which it is seen before them; that isn't done here. A text of ignorable characters only
 * has the empty skeleton; no name that can be made is one. A skeleton needn't be its own.
 */
export function skeleton(text: string): string {
  const visible = text.normalize('NFD').replace(ignorables, '');
  return replaceEach(visible, prototypes).normalize('NFD');
}

/**
 * The two skeletons of a name: as it is written, and of its key; each case folded afterwards.
 *
 * PROTOCOL.md §5.5: a new name can't be made where one of its two is one of a taken name's. The
 * first finds what looks alike as a capital only (`Ivan` and `lvan`), the second what does so once
 * folded. Folding comes after both because prototypes are of either case: that of `0` is `O`, so
 * that `B0B` and `BOB` were apart without.
 *
 * They are kept in the database. Tables of another version of Unicode can give others, so whoever
 * changes the tables in ./unicode appends a migration that makes them anew (`skeletonsOf` in
 * store/sqlite/migrations.ts).
 */
export function skeletons(name: string): readonly [written: string, folded: string] {
  return [foldCase(skeleton(displayName(name))), foldCase(skeleton(nameKey(name)))];
}

/** A name in all the forms that are stored or compared (PROTOCOL.md §5.5). */
export function nameForms(name: string): Name {
  return { name: displayName(name), key: nameKey(name), skeletons: skeletons(name) };
}

/** Full case folding, canonical equivalents alike (the Unicode Standard, section 3.13, D145). */
function foldCase(text: string): string {
  return replaceEach(text.normalize('NFD'), foldings).normalize('NFD');
}

/** The order of keys in lists: that of their code points, which `<` is not beyond U+FFFF, and which a database has. */
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

/** `undefined` is in the type of the keys only because codePointAt() could give it, past the end. */
function replaceEach(text: string, map: ReadonlyMap<number | undefined, string>): string {
  let out = '';
  for (const character of text) out += map.get(character.codePointAt(0)) ?? character;
  return out;
}
