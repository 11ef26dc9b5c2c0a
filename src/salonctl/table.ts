// Tables with aligned columns on a terminal, also with wide and combining characters.
import measured from 'fast-string-truncated-width';

const segmenter = new Intl.Segmenter();

/** The number of columns that a text takes on a terminal. */
export function width(text: string): number {
  return measured(text).width;
}

/** The text in at most so many columns, ending with `…` if a part is left out. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let [kept, used] = ['', 0];
  for (const { segment } of segmenter.segment(text)) {
    used += width(segment);
    if (used > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Separates columns. */
const gap = '  ';

/**
 * The content of a column. `text`: text of any length, written by people. `name`: an identifier or a number. `time`: a
 * time, which is useless if it is cut.
 */
export type Kind = 'text' | 'name' | 'time';

/**
 * If the columns do not fit, the widest one is narrowed again and again: first only texts, then also names, then all,
 * each down to the minimum of its step.
 */
const steps: readonly (readonly [kinds: readonly Kind[], least: number])[] = [
  [['text'], 4],
  [['text', 'name'], 16],
  [['text', 'name', 'time'], 8],
];

/** The width of each column, narrowed until all fit into `columns`. */
function fitted(widths: readonly number[], columns: number, kinds: readonly Kind[]): number[] {
  const fit = [...widths];
  let over = fit.reduce((sum, each) => sum + each, gap.length * (fit.length - 1)) - columns;
  for (const [these, least] of steps) {
    const mayGive = (column: number): boolean => these.includes(kinds[column] ?? 'name');
    while (over > 0) {
      const widest = Math.max(...fit.filter((_, column) => mayGive(column)));
      if (widest <= least) break;
      fit[fit.findIndex((each, column) => each === widest && mayGive(column))] = widest - 1;
      over -= 1;
    }
  }
  return fit;
}

/**
 * Formats rows of cells as lines.
 * @param columns the width of the terminal; Infinity if there is none
 * @param kinds the content of each column, which decides what is cut first if the table is too wide
 */
export function table(rows: readonly (readonly string[])[], columns: number, kinds: readonly Kind[] = []): string[] {
  const widths =
    rows[0]?.map((_, column) => rows.reduce((most, row) => Math.max(most, width(row[column] ?? '')), 0)) ?? [];
  const fit = fitted(widths, columns, kinds);
  return rows.map((row) => {
    const cells = row.map((text, column) => {
      const shown = cut(text, fit[column] ?? 0);
      return shown + ' '.repeat(Math.max(0, (fit[column] ?? 0) - width(shown)));
    });
    return cut(cells.join(gap).trimEnd(), columns);
  });
}
