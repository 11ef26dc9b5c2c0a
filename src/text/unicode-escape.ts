// The escapes of characters, as JSON writes them.

/** The escapes of UTF-16 units, made when they are first written. */
const escapes: string[] = [];

/** `\u` and four hexadecimal digits for each UTF-16 unit of the text. */
export function unicodeEscape(text: string): string {
  let all = '';
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    all += escapes[unit] ??= `\\u${unit.toString(16).padStart(4, '0')}`;
  }
  return all;
}
