// Draws bar charts for README. Each panel compares one figure of all servers and has a scale of its own from 0, so bars
// of different panels can't be compared.

import { fit, numberLabel, page, px, text, widthOf, wrap, type Cell, type Heading, type Kind } from './svg.js';

/** A server's figure. */
export interface Bar {
  readonly name: string;
  /** Not finite if the server could not do it. */
  readonly value: number;
  readonly kind: Kind;
}

/** One figure of several servers. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
  readonly lowerIsBetter?: boolean;
}

/** The chart: a heading and its panels. */
export interface BarChart extends Heading {
  readonly panels: readonly Panel[];
}

const row = 23;
const thickness = 15;
const gap = 8;

/** The chart as SVG, with the panels in two columns and in the order given. */
export function barChart({ panels, ...heading }: BarChart): string {
  const bars = panels.flatMap((panel) => panel.bars);
  // All panels share the width of names and of values, so that their bars begin below one another. Ours is bold, so it
  // is wider.
  const names = Math.max(0, ...bars.map(({ name }) => widthOf(name, 12.5)));
  const values = Math.max(0, ...bars.map(({ value }) => widthOf(numberLabel(value), 12.5)));
  return page(heading, panels, (panel, width) => panelCell(panel, width, Math.min(names, width * 0.4), values));
}

function panelCell(
  { title, unit, bars, lowerIsBetter = false }: Panel,
  width: number,
  names: number,
  values: number,
): Cell {
  const head = wrap(title, width, 13);
  const below = wrap(`${unit}, ${lowerIsBetter ? 'lower' : 'higher'} is better`, width);
  const longest = Math.max(0, ...bars.map(({ value }) => value).filter(Number.isFinite));
  const room = width - names - values - 2 * gap;

  const draw = (x: number, y: number, body: number): string => {
    const start = x + names + gap;
    const parts = [
      ...head.map((line, index) => text(x, y + 13 + index * 18, line, 'head')),
      ...below.map((line, index) => text(x, y + 12 + head.length * 18 + index * 16, line, 'muted')),
    ];
    bars.forEach(({ name, value, kind }, index) => {
      const middle = body + (index + 0.5) * row;
      const strong = kind === 'ours' ? 'strong' : '';
      // A server that could not do it has no bar, because a bar of length 0 would mean a figure of 0.
      const length = Number.isFinite(value) && longest > 0 ? Math.max(0, value / longest) * room : 0;
      parts.push(text(x + names, middle + 4, fit(name, names), strong, 'end'));
      if (Number.isFinite(value)) {
        parts.push(
          `<rect class="bar ${kind}" x="${px(start)}" y="${px(middle - thickness / 2)}" width="${px(length)}" height="${thickness}"/>`,
        );
      }
      parts.push(text(start + length + 6, middle + 4, numberLabel(value), Number.isFinite(value) ? strong : 'muted'));
    });
    parts.push(`<path class="axis" d="M${px(start)} ${px(body)}v${bars.length * row}"/>`);
    return parts.join('\n');
  };
  return { head: head.length * 18 + below.length * 16 + gap, body: bars.length * row, draw };
}
