// Others' text on its way to people: what users, certificates and files are named and say ends up in logs, answers and
// error lines, and from there on a terminal. This is the one place that decides which characters of it are shown as
// they are.

// Those that act on a terminal or on how a line is read, and those that can't be seen:
// - controls (C0, DEL, C1), which move the cursor and colour the screen, line feeds among them; line and paragraph
// separators;
// - bidi controls, which turn the reading direction, and every other format character: joiners, tags, annotations, the
// soft hyphen;
// - all else that is ignored where it is shown: fillers, variation selectors, and what Unicode reserves for such;
// - halves of surrogate pairs, which no output can carry.
// Of the format characters, the signs of Arabic and other scripts that stand over a number are seen and turn nothing.
const unprintable =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * The text with each of these characters written as `\uXXXX`, two of them for a character beyond U+FFFF. Of a line of
 * JSON the result is the same JSON: such characters can only stand in its strings, where the escape means the
 * character.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    let escapes = '';
    for (let at = 0; at < character.length; at += 1)
      escapes += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
    return escapes;
  });
}

/** The same for text that a line feed ends, which stays. */
export function printableLine(line: string): string {
  return `${printable(line.slice(0, -1))}\n`;
}
