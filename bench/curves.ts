// Decides whether a curve of `npm run bench:growth` falls faster than the work for a message grows.
import { number, table } from './markdown.js';

/** A server's figures at x. */
export interface Point {
  readonly x: number;
  /** Messages a second: the median of the rounds, and the least and the greatest of them. */
  readonly messages: number;
  readonly low: number;
  readonly high: number;
  readonly deliveries: number;
}

/** The labels of a curve, and the expected work. */
export interface Curve {
  readonly title: string;
  readonly xLabel: string;
  /** The work for one message at x, in any unit: only its growth counts. */
  readonly work: (x: number) => number;
}

/** The fall of a curve between two of its points. */
export interface Fall {
  readonly from: number;
  readonly to: number;
  /** Messages a second at `from` divided by those at `to`. */
  readonly fall: number;
  /** The work for a message at `to` divided by that at `from`. */
  readonly growth: number;
  /** Whether every round at `to` was below every round at `from`. If not, the fall may be noise. */
  readonly apart: boolean;
}

/** The factor by which two medians of the same figure may differ by noise. */
const noise = 1.15;

/** The fall from the curve's highest point to its last one. Undefined for a curve without points. */
export function fallOf({ work }: Pick<Curve, 'work'>, points: readonly Point[]): Fall | undefined {
  const last = points.at(-1);
  const highest = points.reduce<Point | undefined>(
    (best, point) => (best === undefined || point.messages > best.messages ? point : best),
    undefined,
  );
  if (last === undefined || highest === undefined) return undefined;
  return {
    from: highest.x,
    to: last.x,
    fall: highest.messages / last.messages,
    growth: work(last.x) / work(highest.x),
    apart: last.high < highest.low,
  };
}

/** Whether a curve falls faster than its work grows. */
export function fallsFaster({ fall, growth, apart }: Fall): boolean {
  return apart && fall > growth * noise;
}

/** The verdict on each curve, as a table. */
export function fallsTable(curves: readonly (Curve & { readonly points: readonly Point[] })[]): string {
  return table(
    ['curve', 'from', 'to', 'messages/s fall by', 'work of each grows by', ''],
    curves.flatMap((curve) => {
      const of = fallOf(curve, curve.points);
      if (of === undefined) return [];
      return [
        [
          curve.title,
          number(of.from),
          number(of.to),
          `${number(of.fall, 2)} ×`,
          `${number(of.growth, 2)} ×`,
          fallsFaster(of) ? '**faster**' : 'no faster',
        ],
      ];
    }),
    ['curve', ''],
  );
}
