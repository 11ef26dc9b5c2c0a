// Tables as GitHub shows them, and numbers as people read them.

/** `1,234,567`, with the decimals asked for; `–` for what there is none of. */
export function number(value: number | null | undefined, decimals = 0): string {
  if (value == null || !Number.isFinite(value)) return '–';
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Milliseconds: two decimals below 100. */
export function milliseconds(value: number | null | undefined): string {
  return number(value, value != null && value < 100 ? 2 : 0);
}

export function percent(value: number): string {
  return Number.isFinite(value) ? `${number(100 * value)} %` : '–';
}

/** The first column to the left, the others to the right unless they are named as text. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  text: readonly string[] = head.slice(0, 1),
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((cell) => (text.includes(cell) ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const begin = '<!-- bench -->';
const end = '<!-- end -->';

/** The document with what stands between the marks replaced; undefined where it has no such marks. */
export function replaceMarked(document: string, text: string): string | undefined {
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0) return undefined;
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}
