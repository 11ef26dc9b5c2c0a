// Bars for the README: small multiples, each a panel with its own scale from 0. What is compared stands in one panel;
// bars of different panels are not to be compared, and so never share a scale.

import { fit, numberLabel, page, px, text, widthOf, wrap, type Cell, type Heading, type Kind } from './svg.js';

export interface Bar {
  readonly name: string;
  /** Not finite where the server could not do it. */
  readonly value: number;
  readonly kind: Kind;
}

export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
  readonly lowerIsBetter?: boolean;
}

export interface BarChart extends Heading {
  readonly panels: readonly Panel[];
}

const row = 23;
const thickness = 15;
const gap = 8;

/** An SVG of the panels, in two columns and in the order given. */
export function barChart({ panels, ...heading }: BarChart): string {
  const bars = panels.flatMap((panel) => panel.bars);
  // One width of names and values for all panels, so that their bars begin below one another. Ours is bold, hence
  // wider.
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
      // No bar at all, rather than one of length 0: "could not" is not "none".
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
