// SVG text, number labels, colours, and the page with its two columns, for chart.ts and plot.ts. The same figures
// always give the same bytes, so a chart in git changes only when a figure does.

/**
 * `ours` is what the page is about, a `peer` is another server, and a `floor`, drawn hollow, is what no server can
 * beat.
 */
export type Kind = 'ours' | 'peer' | 'floor';

/**
 * A part of the page. `draw` gets its upper left corner and the height at which the body begins, which is the same for
 * both cells of a row.
 */
export interface Cell {
  readonly head: number;
  readonly body: number;
  readonly draw: (x: number, y: number, body: number) => string;
}

/** The heading of a page. */
export interface Heading {
  readonly title: string;
  readonly subtitle?: string;
}

const pageWidth = 860;
const margin = 24;
const between = 36;

// Light and dark colours. GitHub follows its own setting and an SVG follows the browser's, so the page has a background
// of its own.
const palette = [
  ['.card{fill:#ffffff;stroke:#d0d7de}', '.card{fill:#0d1117;stroke:#3d444d}'],
  ['text{fill:#1f2328}', 'text{fill:#e6edf3}'],
  ['text.muted{fill:#59636e}', 'text.muted{fill:#9198a1}'],
  ['.axis{stroke:#8c959f}', '.axis{stroke:#656c76}'],
  ['.grid{stroke:#e4e8ec}', '.grid{stroke:#262c36}'],
  ['.bar.peer{fill:#afb8c1;stroke:none}', '.bar.peer{fill:#5b6570;stroke:none}'],
  ...(
    [
      ['ours', '#0969da', '#4493f8'],
      ['floor', '#6e7781', '#8b949e'],
      ['peer0', '#57606a', '#b1bac4'],
      ['peer1', '#9a6700', '#d29922'],
      ['peer2', '#1b7c83', '#39c5cf'],
      ['peer3', '#8e4585', '#d2a8ff'],
    ] as const
  ).map(([name, ...both]) => both.map((colour) => `.${name}{fill:${colour};stroke:${colour}}`)),
  ['.hollow{fill:#ffffff}', '.hollow{fill:#0d1117}'],
] as const;

/** How many peers have a colour of their own in a plot. */
export const peerColours = 4;

// The rules that come last win over the colours' own fill and stroke.
const style =
  `${palette.map(([light]) => light).join('')}@media(prefers-color-scheme:dark){${palette.map(([, dark]) => dark).join('')}}` +
  'text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif}text.label{stroke:none}text.title{font-size:18px;font-weight:600}' +
  'text.head{font-size:13px;font-weight:600}text.strong{font-weight:600}.bar.ours{stroke:none}.bar.floor{fill:none;stroke-width:1.2;' +
  'stroke-dasharray:3 2}.line{fill:none;stroke-width:1.6;stroke-linejoin:round}.line.ours{stroke-width:2.4}' +
  '.range{fill:none;stroke-width:6;opacity:.3}.line.second{stroke-dasharray:7 3}.line.floor{stroke-dasharray:2 3}.leader{fill:none;stroke-width:.8;stroke-dasharray:1 2;opacity:.7}';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for XML. Characters that XML can't represent become U+FFFD. */
export function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/**
 * A number as a label of at most three significant digits: `8.4 M`, `184 k`, `0.86`; `–` for what could not be
 * measured.
 */
export function numberLabel(value: number): string {
  if (!Number.isFinite(value)) return '–';
  // Rounded before the prefix is chosen: 999,900 is 1 M, not 1000 k.
  const rounded = Number(value.toPrecision(3));
  for (const [unit, prefix] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (Math.abs(rounded) >= unit) return `${Number((rounded / unit).toPrecision(3))} ${prefix}`;
  }
  return String(rounded);
}

/** A coordinate, rounded to hundredths of a pixel. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A text element with its baseline at y. */
export function text(
  x: number,
  y: number,
  content: string,
  classes = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  return (
    `<text x="${px(x)}" y="${px(y)}"${classes === '' ? '' : ` class="${classes}"`}` +
    `${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>${escape(content)}</text>`
  );
}

/**
 * The estimated width of a text. There is no font to measure with, so the estimate is wide for the usual sans-serif
 * fonts.
 */
export function widthOf(content: string, size = 12): number {
  return (
    Array.from(content).reduce(
      (sum, character) => sum + (/[\u1100-\u{10ffff}]/u.test(character) && character !== '–' ? 1 : 0.6),
      0,
    ) * size
  );
}

/** The text, or as much of its beginning as fits, with an ellipsis. */
export function fit(content: string, width: number): string {
  if (widthOf(content) <= width) return content;
  const characters = Array.from(content);
  while (characters.length > 0 && widthOf(`${characters.join('')}…`) > width) characters.pop();
  return `${characters.join('')}…`;
}

/** The text in lines that fit, broken between words. */
export function wrap(content: string, width: number, size = 12): string[] {
  const lines: string[] = [];
  for (const word of content.split(/\s+/).filter((each) => each !== '')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && widthOf(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A whole SVG: the heading, and below it a cell for each item, in two columns. A single item has the whole width. */
export function page<Item>(
  { title, subtitle = '' }: Heading,
  items: readonly Item[],
  cell: (item: Item, width: number) => Cell,
): string {
  const inner = pageWidth - 2 * margin;
  const columns = items.length === 1 ? 1 : 2;
  const width = (inner - (columns - 1) * between) / columns;
  let y = margin;
  const parts: string[] = [];
  for (const line of wrap(title, inner, 18)) parts.push(text(margin, (y += 22) - 8, line, 'title'));
  for (const line of wrap(subtitle, inner)) parts.push(text(margin, (y += 18) - 6, line, 'muted'));
  const cells = items.map((item) => cell(item, width));
  for (let first = 0; first < cells.length; first += columns) {
    y += 16;
    const row = cells.slice(first, first + columns);
    const body = y + Math.max(...row.map(({ head }) => head));
    row.forEach((each, column) => parts.push(each.draw(margin + column * (width + between), y, body)));
    y = body + Math.max(...row.map((each) => each.body));
  }
  const height = Math.ceil(y + margin);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${pageWidth}" height="${height}" viewBox="0 0 ${pageWidth} ${height}">`,
    `<title>${escape(title)}</title>`,
    ...(subtitle === '' ? [] : [`<desc>${escape(subtitle)}</desc>`]),
    `<style>${style}</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${pageWidth - 1}" height="${height - 1}" rx="8"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
