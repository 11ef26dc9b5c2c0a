// Makes other people's text safe to show. Names of users, certificates and files get into logs, answers and error
// lines, and from there to a terminal. This file alone decides which characters are shown as they are.
import { unicodeEscape } from './unicode-escape.js';

// Characters that act on a terminal or on how a line is read, and characters that can't be seen:
// - Controls (C0, DEL, C1), and line and paragraph separators, which move the cursor and colour the screen.
// - Bidi controls, which turn the reading direction, and other format characters, which join letters, tag text or hide.
// - Fillers, variation selectors and code points that Unicode reserves for such, which are not displayed.
// - Halves of surrogate pairs, which can't be written to any output.
// The signs of Arabic and other scripts that stand over a number are format characters too, but they are visible.
const unprintable =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * The text with each of these characters written as `\uXXXX`, or as two such escapes beyond U+FFFF. JSON keeps its
 * meaning, because these characters are in its strings only, where the escape stands for the character.
 */
export function printable(text: string): string {
  return text.replace(unprintable, unicodeEscape);
}

/** Does the same for a line, and leaves the line feed at its end. */
export function printableLine(line: string): string {
  return `${printable(line.slice(0, -1))}\n`;
}

/** Spaces other than that of the keyboard: they look like it, and are not it. */
const otherSpaces = /(?! )\p{Zs}/gu;

/**
 * What somebody wrote, to be shown to them: as `printable`, and with the spaces that are not U+0020 escaped too.
 * @param most code points that are shown; an ellipsis stands for the rest
 */
export function visible(text: string, most: number): string {
  // No code point has more than two UTF-16 units, so a long text is not looked at as a whole.
  const shown = [...text.slice(0, 2 * most)].slice(0, most).join('');
  const escaped = printable(shown).replace(otherSpaces, unicodeEscape);
  return shown.length < text.length ? `${escaped}…` : escaped;
}
