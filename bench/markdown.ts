// Markdown tables, and numbers as people read them.

/** `1,234,567`, with the given number of decimals; `–` if there is no such figure. */
export function number(value: number | null | undefined, decimals = 0): string {
  if (value == null || !Number.isFinite(value)) return '–';
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A number of milliseconds, with two decimals below 100. */
export function milliseconds(value: number | null | undefined): string {
  return number(value, value != null && value < 100 ? 2 : 0);
}

/** A share of 1 in whole percent. */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${number(100 * value)} %` : '–';
}

/** A Markdown table. Columns whose heading is in `text` are aligned to the left, the others to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  text: readonly string[] = head.slice(0, 1),
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((cell) => (text.includes(cell) ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const startMark = '<!-- bench -->';
const endMark = '<!-- end -->';

/** The document with a new text between its marks; undefined if it has no such marks. */
export function replaceMarked(document: string, text: string): string | undefined {
  const from = document.indexOf(startMark);
  const to = document.indexOf(endMark, from);
  if (from < 0 || to < 0) return undefined;
  return `${document.slice(0, from + startMark.length)}\n${text}\n${document.slice(to)}`;
}
