// How characters of texts are written in each form of lines (PROTOCOL.md §3.1, §8.2). Each escape stands for one UTF-16
// unit, so a text can be cut between any two characters. Pure.
import { json, jsonText } from '../text/json.js';
import { unicodeEscape } from '../text/unicode-escape.js';
import type { LineFormat } from './format.js';

const short: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

const tsvSpecial = /[\\\p{Cc}\u2028\u2029]/gu;

// In text for people a backslash stands for itself. What turns the reading direction of the rest of a line is shown.
const textSpecial = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const beyondAscii = /[^\0-\x7e]/g;

function shortEscape(character: string): string {
  return short.get(character) ?? unicodeEscape(character);
}

/** Writes everything beyond U+007E as `\u` escapes. */
export function toAscii(text: string): string {
  return text.replace(beyondAscii, unicodeEscape);
}

/** A text as it stands in a field of the form `tsv`. */
export function tsvText(text: string): string {
  return text.replace(tsvSpecial, shortEscape);
}

/** A text as it stands in the form `text`. */
export function shownText(text: string): string {
  return text.replace(textSpecial, shortEscape);
}

/** Writes a text as it stands in a line of that format, without quotes around it. */
export function escaperOf({ form, ascii }: Pick<LineFormat, 'form' | 'ascii'>): (text: string) => string {
  const escape = { json: jsonText, tsv: tsvText, text: shownText }[form];
  return ascii ? (text) => toAscii(escape(text)) : escape;
}

/** As `escaperOf`, of a text inside an item of a list, which `tsv` writes as JSON. */
export function itemEscaperOf({ form, ascii }: Pick<LineFormat, 'form' | 'ascii'>): (text: string) => string {
  if (form !== 'tsv') return escaperOf({ form, ascii });
  const escape = (text: string): string => tsvText(json(text).slice(1, -1));
  return ascii ? (text) => toAscii(escape(text)) : escape;
}

/** The most bytes of a UTF-16 unit: an escape, whose backslash is doubled in an item of a list in `tsv`. */
const mostUnitBytes = 7;

/** So few UTF-16 units are measured one by one. */
const fewUnits = 8;

const simple = /^[\x20-\x21\x23-\x5b\x5d-\x7e]$/;

/** One character as it is written. Most are written as they are, in every form. */
export function writtenCharacter(character: string, escape: (text: string) => string): string {
  return simple.test(character) ? character : escape(character);
}

/**
 * The longest beginning of a text that has at most that many bytes when it is written. It ends between two characters.
 * @param escape from `escaperOf`
 */
export function beginningOf(text: string, bytes: number, escape: (text: string) => string): string {
  let left = bytes;
  let end = 0;
  // What fits however it is written, at once: one by one, many characters would take a hundred times as long.
  for (let most = Math.floor(left / mostUnitBytes); most > fewUnits; most = Math.floor(left / mostUnitBytes)) {
    const whole = beforeCharacter(text, end + most);
    if (whole === end) break;
    left -= Buffer.byteLength(escape(text.slice(end, whole)));
    end = whole;
  }
  for (const character of text.slice(end)) {
    left -= Buffer.byteLength(writtenCharacter(character, escape));
    if (left < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** The place, or the one before it where it is within a character. */
function beforeCharacter(text: string, place: number): number {
  if (place >= text.length) return text.length;
  return isHighSurrogate(text.charCodeAt(place - 1)) ? place - 1 : place;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
