// Tables whose columns stand below each other on a terminal, whatever script their texts are in.
import measured from 'fast-string-truncated-width';

const segmenter = new Intl.Segmenter();

/** The columns that a text takes on a terminal. */
export function width(text: string): number {
  return measured(text).width;
}

/** The text in so many columns at most, with `…` where something of it is left out. */
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

/** Between columns. */
const gap = '  ';

/** No column becomes narrower than this for want of room. */
const leastWidth = 8;

/** How wide each column may be. Without room for all, the widest of `first` become narrower, and then the widest of all. */
function fitted(widths: readonly number[], columns: number, first: ReadonlySet<number>): number[] {
  const fit = [...widths];
  let over = fit.reduce((sum, each) => sum + each, gap.length * (fit.length - 1)) - columns;
  for (const mayGive of [(column: number) => first.has(column), () => true]) {
    while (over > 0) {
      const widest = Math.max(...fit.filter((_, column) => mayGive(column)));
      if (widest <= leastWidth) break;
      fit[fit.findIndex((each, column) => each === widest && mayGive(column))] = widest - 1;
      over -= 1;
    }
  }
  return fit;
}

/**
 * Rows of cells as lines.
 * @param columns of the terminal; Infinity where it is none
 * @param texts the columns that are cut before others where there is not enough room
 */
export function table(
  rows: readonly (readonly string[])[],
  columns: number,
  texts: ReadonlySet<number> = new Set(),
): string[] {
  const widths =
    rows[0]?.map((_, column) => rows.reduce((most, row) => Math.max(most, width(row[column] ?? '')), 0)) ?? [];
  const fit = fitted(widths, columns, texts);
  return rows.map((row) => {
    const cells = row.map((text, column) => {
      const shown = cut(text, fit[column] ?? 0);
      return shown + ' '.repeat(Math.max(0, (fit[column] ?? 0) - width(shown)));
    });
    return cut(cells.join(gap).trimEnd(), columns);
  });
}
