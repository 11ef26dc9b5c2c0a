// What `npm run bench:growth` says of a curve: whether it falls faster than the work for a message grows.
import { number, table } from './markdown.js';

export interface Point {
  readonly x: number;
  /** Messages a second: the median of the rounds, and the least and the greatest of them. */
  readonly messages: number;
  readonly low: number;
  readonly high: number;
  readonly deliveries: number;
}

export interface Curve {
  readonly title: string;
  readonly xLabel: string;
  /** What one message costs at x, in any unit: only its growth is looked at. */
  readonly work: (x: number) => number;
}

export interface Fall {
  readonly from: number;
  readonly to: number;
  /** How many times fewer messages a second at `to` than at `from`, and how many times the work of each. */
  readonly fall: number;
  readonly growth: number;
  /** Whether every round at `to` was below every round at `from`: else the fall may be the machine's. */
  readonly apart: boolean;
}

/** What two medians of the same may differ by: less is no fall. */
const noise = 1.15;

/** From the curve's highest point to its last one: before it, it rises. Undefined for a curve without points. */
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

export function fallsFaster({ fall, growth, apart }: Fall): boolean {
  return apart && fall > growth * noise;
}

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
