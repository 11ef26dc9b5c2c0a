// Splits texts into the words by which messages are searched. Pure: an index of any database can be filled with them,
// and a query asks for the same ones.
//
// A text is brought to NFKC with its case folded, as names are (names.ts), and accents are dropped, and so are the
// points of Hebrew, Arabic and Syriac: `Éclair` is `eclair`. A word is a run of letters, digits and marks. Scripts
// that are written without spaces are split into pairs of characters, and the last one of a run by itself: 東京都 is
// 東京, 京都, 都. Whoever asks for one character asks for all words that begin with it, so it is found wherever it
// stands.
import { nameKey } from './names.js';

/** A word of a query. */
export interface QueriedWord {
  readonly word: string;
  /** Whether it stands for all words that begin with it. */
  readonly isBeginning: boolean;
}

/** UTF-16 units of a word at most; the rest of a longer one is left out. */
const maxUnits = 64;

const ascii = /^[\0-\x7f]*$/;
const asciiWord = /[0-9a-z]+/g;
const anyWord = /[\p{L}\p{N}\p{M}]+/gu;

/**
 * What is dropped: accents that no script owns, but for the marks of Japanese kana, which make other letters; points
 * of scripts that write their vowels only where somebody might stumble; and Arabic's stroke that makes a word wider.
 */
const accents =
  /(?![\u3099\u309a])(?=\p{Mn})[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}]|\u0640/gu;

/** The characters of scripts that are written without spaces, as a class of an expression has them. */
const unspaced = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => String.raw`\p{Script=${script}}`)
  .concat(String.raw`\u3099\u309a\u30fc`)
  .join('');

/** A run of these scripts, or of all others. */
const scripts = new RegExp(`(?<unspaced>[${unspaced}]+)|[^${unspaced}]+`, 'gu');

/** The words of a stored text. A word may come several times. */
export function wordsOf(text: string): readonly string[] {
  if (ascii.test(text)) return (text.toLowerCase().match(asciiWord) ?? []).map(cut);
  return runsOf(text).flatMap(({ run, isUnspaced }) => (isUnspaced ? pairsOf(run) : [cut(run)]));
}

/** The words that a message has to have to be found by a query, each once. */
export function queryOf(text: string): readonly QueriedWord[] {
  const words = new Map<string, QueriedWord>();
  for (const { run, isUnspaced } of runsOf(text)) {
    const pairs = isUnspaced ? pairsOf(run) : [cut(run)];
    // The last character of a run stands by itself only at the end of what was written.
    const asked = pairs.length > 1 ? pairs.slice(0, -1) : pairs;
    for (const word of asked) words.set(word, { word, isBeginning: isUnspaced && pairs.length === 1 });
  }
  return [...words.values()];
}

/** A part of a text that is one word, or that is split into pairs. */
interface Run {
  readonly run: string;
  readonly isUnspaced: boolean;
}

function runsOf(text: string): readonly Run[] {
  const folded = nameKey(text).normalize('NFD').replaceAll(accents, '').normalize('NFC');
  const runs: Run[] = [];
  for (const [word] of folded.matchAll(anyWord)) {
    for (const { 0: run, groups } of word.matchAll(scripts))
      runs.push({ run, isUnspaced: groups?.['unspaced'] !== undefined });
  }
  return runs;
}

/** Each character with the one behind it, and the last one by itself. */
function pairsOf(run: string): readonly string[] {
  const characters = [...run];
  return characters.map((character, place) => character + (characters[place + 1] ?? ''));
}

/** At most `maxUnits` of a word, and no half of a character. */
function cut(word: string): string {
  if (word.length <= maxUnits) return word;
  const last = word.charCodeAt(maxUnits - 1);
  return word.slice(0, last >= 0xd800 && last < 0xdc00 ? maxUnits - 1 : maxUnits);
}
