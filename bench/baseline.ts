// What `npm run bench:check` compares: ratios to the bare relay of the same run, since those stay where the figures themselves move
// with the machine.
import { median } from './rounds.js';
import type { Figures } from './generator.js';

export const checked = ['a', 'b', 'd'] as const;

export type Checked = (typeof checked)[number];

/** Of salond to the relay: deliveries a second for a and b, p50 for d. */
export type Baseline = Readonly<Record<Checked, number>>;

/** A change that costs more than this is told. */
const allowed = 0.15;

export function ratioOf(name: Checked, salond: Figures, relay: Figures): number {
  return name === 'd' ? salond.p50 / relay.p50 : salond.deliveries / relay.deliveries;
}

/** The median of the rounds' ratios: within a round both met the same machine. */
export function ratioOfRounds(
  name: Checked,
  rounds: readonly { readonly salond: Figures; readonly relay: Figures }[],
): number {
  return median(rounds.map(({ salond, relay }) => ratioOf(name, salond, relay)));
}

export interface Comparison {
  readonly name: Checked;
  readonly kept: number;
  readonly found: number;
  /** By what share it is worse than what was kept; negative where it is better. */
  readonly worse: number;
  readonly tooMuch: boolean;
}

export function compare(kept: Baseline, found: Baseline): readonly Comparison[] {
  return checked.map((name) => {
    // A latency is worse where it is higher; the others where they are lower.
    const worse = name === 'd' ? found[name] / kept[name] - 1 : 1 - found[name] / kept[name];
    // What is no number is no measurement, and not good.
    return { name, kept: kept[name], found: found[name], worse, tooMuch: !(worse <= allowed) };
  });
}

export function said({ name, kept, found, worse, tooMuch }: Comparison): string {
  const what = name === 'd' ? 'p50' : 'deliveries/s';
  const change = `${Math.abs(worse * 100).toFixed(1)} % ${worse > 0 ? 'worse' : 'better'}`;
  return `(${name}) ${what}: ${found.toFixed(3)} × the relay's, ${kept.toFixed(3)} × kept: ${change}${tooMuch ? ', too much' : ''}`;
}
