// Draws line plots for README: how a figure changes with the load. Each line has its name at its end instead of in a
// legend. A name keeps its colour in all plots of a page.

import {
  fit,
  numberLabel,
  page,
  peerColours,
  px,
  text,
  widthOf,
  wrap,
  type Cell,
  type Heading,
  type Kind,
} from './svg.js';

/** A figure at x. `low` and `high` are the least and the greatest of its rounds, drawn as a bar behind the point. */
export type PlotPoint = readonly [x: number, y: number] | readonly [x: number, y: number, low: number, high: number];

/** A line of a plot. */
export interface Series {
  readonly name: string;
  readonly kind: Kind;
  /**
   * The points in the order in which they are joined. One that the axes can't show breaks the line: a value that is not
   * finite, or on a log axis not above 0.
   */
  readonly points: readonly PlotPoint[];
}

/** A plot: its lines and axes. */
export interface Plot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  readonly xScale?: 'linear' | 'log';
  readonly yScale?: 'linear' | 'log';
}

/** Several plots under one heading. */
export interface LinePlots extends Heading {
  readonly plots: readonly Plot[];
}

interface Scale {
  readonly ticks: readonly number[];
  /** The position of a value between the start (0) and the end (1) of the axis. */
  readonly at: (value: number) => number;
}

const lineHeight = 16;
/** A line of more points than this is drawn without dots, which would hide it. */
const mostDots = 60;
const gap = 8;

/** An SVG of one plot over the whole width, whose title is the title of the page. */
export function linePlot(plot: Plot): string {
  return linePlots({ title: plot.title, plots: [{ ...plot, title: '' }] });
}

/** An SVG of several plots in two columns, in the order given. */
export function linePlots({ plots, ...heading }: LinePlots): string {
  const series = plots.flatMap((plot) => plot.series);
  const looks = looksOf(series);
  const names = Math.max(0, ...series.map(({ name, kind }) => widthOf(name, kind === 'ours' ? 12.5 : 12)));
  return page(heading, plots, (plot, width) => plotCell(plot, width, Math.min(names, width * 0.35), looks));
}

/** The CSS classes of each name. Peers take the colours in turn; the second line of ours is dashed. */
function looksOf(series: readonly Series[]): ReadonlyMap<string, string> {
  const names = (kind: Kind): string[] => [
    ...new Set(series.filter((each) => each.kind === kind).map(({ name }) => name)),
  ];
  return new Map([
    ...names('peer').map(
      (name, index) => [name, `peer${index % peerColours}${index >= peerColours ? ' second' : ''}`] as const,
    ),
    ...names('floor').map((name) => [name, 'floor'] as const),
    ...names('ours').map((name, index) => [name, `ours${index === 0 ? '' : ' second'}`] as const),
  ]);
}

/** The nearest of 1, 2 and 5 times a power of ten that is not above (`below`) or not below (`above`) the value. */
function round(value: number, side: 'below' | 'above'): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  // Values are compared with some tolerance, because 10 ** -3 * 2 is not exactly 0.002.
  const steps = [1, 2, 5, 10].map((step) => Number((step * decade).toPrecision(3)));
  const found =
    side === 'below'
      ? steps.findLast((step) => step <= value * 1.000001)
      : steps.find((step) => step >= value * 0.999999);
  return found ?? decade;
}

/** A linear axis from 0, in steps of 1, 2 or 5. If it began elsewhere, small differences would look large. */
function linear(values: readonly number[]): Scale {
  const low = Math.min(0, ...values);
  const high = Math.max(low === 0 && values.every((value) => value === 0) ? 1 : 0, ...values);
  const step = round((high - low) / 5, 'above');
  const first = Math.floor(low / step + 1e-6);
  const last = Math.ceil(high / step - 1e-6);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  return { ticks, at: (value) => (value / step - first) / (last - first) };
}

/**
 * A log axis around the values, with ticks at powers of ten. Its ends are 1, 2 or 5 times a power of ten, or powers of
 * ten where there would be few ticks.
 */
function log(values: readonly number[]): Scale {
  let low = values.length === 0 ? 1 : round(Math.min(...values), 'below');
  let high = values.length === 0 ? 10 : round(Math.max(...values), 'above');
  const decadeFrom = (value: number): number => Math.ceil(Math.log10(value) - 1e-6);
  const decadeTo = (value: number): number => Math.floor(Math.log10(value) + 1e-6);
  if (decadeTo(high) - decadeFrom(low) < 2) {
    low = 10 ** decadeTo(low);
    high = 10 ** Math.max(decadeFrom(high), decadeTo(low) + 1);
  }
  const from = decadeFrom(low);
  const count = decadeTo(high) - from + 1;
  // Over very many powers of ten only every second or third has a label, so that labels do not overlap.
  const every = Math.ceil(count / 8);
  const ticks = Array.from({ length: Math.ceil(count / every) }, (_, index) =>
    Number((10 ** (from + index * every)).toPrecision(3)),
  );
  return { ticks, at: (value) => Math.log10(value / low) / Math.log10(high / low) };
}

const scales = { linear, log } as const;

/**
 * Finds heights near the wished ones, in the same order, at least `apart` from each other and between top and bottom.
 * After subtracting i × apart from the i-th height, the heights only have to ascend: neighbours that do not are
 * replaced by their mean.
 */
export function spread(wished: readonly number[], apart: number, top: number, bottom: number): number[] {
  const order = wished.map((_, index) => index).sort((a, b) => (wished[a] ?? 0) - (wished[b] ?? 0));
  const groups: { mean: number; size: number }[] = [];
  order.forEach((index, place) => {
    let group = { mean: (wished[index] ?? 0) - place * apart, size: 1 };
    for (let before = groups.at(-1); before !== undefined && before.mean > group.mean; before = groups.at(-1)) {
      const size = before.size + group.size;
      group = { mean: (before.mean * before.size + group.mean * group.size) / size, size };
      groups.pop();
    }
    groups.push(group);
  });
  const means = groups.flatMap(({ mean, size }) => Array.from({ length: size }, () => mean));
  const last = bottom - (wished.length - 1) * apart;
  const found = means.map((mean, place) => Math.max(top, Math.min(last, mean)) + place * apart);
  return wished.map((_, index) => found[order.indexOf(index)] ?? 0);
}

function plotCell(plot: Plot, width: number, names: number, looks: ReadonlyMap<string, string>): Cell {
  const { xScale = 'linear', yScale = 'linear' } = plot;
  const shows = ([x, ...heights]: PlotPoint): boolean =>
    Number.isFinite(x) &&
    heights.every(Number.isFinite) &&
    (xScale !== 'log' || x > 0) &&
    (yScale !== 'log' || heights.every((y) => y > 0));
  const points = plot.series.flatMap((series) => series.points).filter(shows);
  const across = scales[xScale](points.map(([x]) => x));
  const up = scales[yScale](points.flatMap(([, ...heights]) => heights));
  const head = wrap(plot.title, width, 13);
  const left = Math.max(...up.ticks.map((tick) => widthOf(numberLabel(tick)))) + gap;
  const inner = { width: width - left - names - 24, height: Math.max(190, plot.series.length * lineHeight) };

  const draw = (x: number, y: number, top: number): string => {
    const right = x + left + inner.width;
    const bottom = top + inner.height;
    const atX = (value: number): number => x + left + across.at(value) * inner.width;
    const atY = (value: number): number => bottom - up.at(value) * inner.height;
    const parts = [
      ...head.map((line, index) => text(x, y + 13 + index * 18, line, 'head')),
      text(x, y + 12 + head.length * 18, fit(plot.yLabel, width), 'muted'),
    ];
    for (const tick of up.ticks) {
      parts.push(`<path class="grid" d="M${px(x + left)} ${px(atY(tick))}h${px(inner.width)}"/>`);
      parts.push(text(x + left - gap, atY(tick) + 4, numberLabel(tick), 'muted y', 'end'));
    }
    parts.push(`<path class="axis" d="M${px(x + left)} ${px(bottom)}h${px(inner.width)}"/>`);
    for (const tick of across.ticks) {
      parts.push(`<path class="axis" d="M${px(atX(tick))} ${px(bottom)}v4"/>`);
      parts.push(text(atX(tick), bottom + 18, numberLabel(tick), 'muted x', 'middle'));
    }
    parts.push(text(x + left + inner.width / 2, bottom + 36, fit(plot.xLabel, width), 'muted', 'middle'));

    const drawn = plot.series.map(({ name, kind, points }) => {
      const marks = points.map((point) => {
        if (!shows(point)) return undefined;
        const [x, y, low = y, high = y] = point;
        return { x: atX(x), y: atY(y), low: atY(low), high: atY(high) };
      });
      return { name, kind, look: looks.get(name) ?? kind, marks, end: marks.findLast((mark) => mark !== undefined) };
    });
    const heights = spread(
      drawn.map(({ end }) => end?.y ?? bottom),
      lineHeight,
      top,
      bottom,
    );
    // Ours is drawn last, above the others.
    const inOrder = drawn
      .map((each, index) => ({ ...each, height: heights[index] ?? bottom }))
      .sort((a, b) => Number(a.kind === 'ours') - Number(b.kind === 'ours'));
    for (const { name, kind, look, marks, end, height } of inOrder) {
      let path = '';
      marks.forEach((mark, index) => {
        if (mark !== undefined) path += `${marks[index - 1] === undefined ? 'M' : 'L'}${px(mark.x)} ${px(mark.y)}`;
      });
      for (const mark of marks) {
        if (mark !== undefined && mark.low !== mark.high) {
          parts.push(`<path class="${look} range" d="M${px(mark.x)} ${px(mark.low)}V${px(mark.high)}"/>`);
        }
      }
      if (end !== undefined) {
        parts.push(
          `<path class="${look} leader" d="M${px(end.x)} ${px(end.y)}H${px(right + 4)}L${px(right + 18)} ${px(height)}"/>`,
        );
        parts.push(`<path class="${look} line" d="${path}"/>`);
      }
      for (const mark of marks.length > mostDots ? [] : marks) {
        if (mark !== undefined) {
          parts.push(
            `<circle class="${look} dot${kind === 'floor' ? ' hollow' : ''}" cx="${px(mark.x)}" cy="${px(mark.y)}" r="3"/>`,
          );
        }
      }
      // A line without a point still has its name, because "could not" is a result.
      const label = `${fit(name, names)}${end === undefined ? ' –' : ''}`;
      parts.push(text(right + 22, height + 4, label, `${look} label${kind === 'ours' ? ' strong' : ''}`));
    }
    return parts.join('\n');
  };
  return { head: head.length * 18 + lineHeight + 14, body: inner.height + 40, draw };
}
