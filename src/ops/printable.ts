// Makes other people's text safe to show. Names of users, certificates and files end up in logs, answers and error
// lines, and from there on a terminal. This is the one place that decides which of their characters are shown as they
// are.

// Characters that act on a terminal or on how a line is read, and characters that can't be seen:
// - Controls (C0, DEL, C1) move the cursor and colour the screen. Line feeds are among them, and line and paragraph
// separators.
// - Bidi controls turn the reading direction. Other format characters join letters, tag text or hide in it.
// - Fillers, variation selectors, and what Unicode reserves for such, are not displayed.
// - Halves of surrogate pairs can't be written to any output.
// The signs of Arabic and other scripts that stand over a number are format characters too, but they can be seen.
const unprintable =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * The text with each of these characters written as `\uXXXX`, twice for a character beyond U+FFFF. A line of JSON stays
 * the same JSON: such characters stand in its strings only, where the escape means the character.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    let escapes = '';
    for (let at = 0; at < character.length; at += 1)
      escapes += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
    return escapes;
  });
}

/** The same for a line, whose line feed stays. */
export function printableLine(line: string): string {
  return `${printable(line.slice(0, -1))}\n`;
}
