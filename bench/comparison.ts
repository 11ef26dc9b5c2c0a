// Evaluates the rounds of `npm run bench:check`: decides whether the working tree is slower than the commit. Pure.
import { workloads } from './arguments.js';
import { milliseconds, number, table } from './markdown.js';
import { median } from './rounds.js';
import type { Figures, Mode } from './generator.js';
import type { LoadName } from './loads.js';

/** A workload in one mode. */
export interface Case {
  readonly name: LoadName;
  readonly mode: Mode;
}

/** One round of a case: both sides and the bare relay, measured right after one another. */
export interface Round {
  readonly before: Figures;
  readonly now: Figures;
  readonly relay: Figures;
}

/** The median of some rounds, and the least and the greatest of them. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * `worse`: the median is more than 15 % worse, and enough rounds are worse. `fine`: the median is at most 15 % worse,
 * and so are enough rounds. `unclear`: the rounds disagree. `roundsNeeded` says how many rounds are enough.
 */
export type Verdict = 'worse' | 'unclear' | 'fine';

/** The comparison of one case. */
export interface Comparison {
  readonly of: Case;
  readonly rounds: number;
  /** Deliveries a second, or p50 in milliseconds. */
  readonly before: Spread;
  readonly now: Spread;
  /** Now divided by before, within each round. */
  readonly ratio: Spread;
  /** Now divided by the bare relay, within each round. */
  readonly ofRelay: Spread;
  /** Microseconds of processor time that the server takes for a message. */
  readonly costBefore: Spread;
  readonly costNow: Spread;
  /** The ratio of the two costs within each round. A busy machine changes it less than the other figures. */
  readonly costRatio: Spread;
  /** The share by which the median ratio is worse; negative if it is better. */
  readonly worse: number;
  /** The number of rounds in which `now` was worse than `before`. */
  readonly worseRounds: number;
  /** The number of rounds in which it was more than 15 % worse. */
  readonly badRounds: number;
  readonly verdict: Verdict;
}

/** The share by which a median may be worse. */
export const allowed = 0.15;

/** The highest accepted probability that so many rounds are worse by chance, although nothing has changed. */
const chance = 1 / 16;

/** Whether the case is judged by its latency, because one message is in flight, or else by its rate. */
function isLatency({ name }: Case): boolean {
  return name === 'd';
}

/** The median, the least and the greatest. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/**
 * The number of rounds that must agree (a sign test): if a coin decided each round, fewer would agree with a
 * probability above 1/16. Returns `rounds + 1` if no number is enough.
 */
export function roundsNeeded(rounds: number): number {
  let ways = 1;
  let atMost = 0;
  for (let better = 0; better <= rounds; better += 1) {
    atMost += ways;
    if (atMost / 2 ** rounds > chance) return rounds - better + 1;
    ways = (ways * (rounds - better)) / (better + 1);
  }
  return 0;
}

function verdictOf(worse: number, rounds: number, worseRounds: number, badRounds: number): Verdict {
  const needed = roundsNeeded(rounds);
  if (worse > allowed) return worseRounds >= needed ? 'worse' : 'unclear';
  // If a figure is missing, the loss is NaN, and the verdict must not be `fine`.
  return worse <= allowed && rounds - badRounds >= needed ? 'fine' : 'unclear';
}

/** Compares the rounds of a case. */
export function compare(of: Case, rounds: readonly Round[]): Comparison {
  const valueOf = (figures: Figures): number => (isLatency(of) ? figures.p50 : figures.deliveries);
  const cost = ({ server, messages }: Figures): number => (server / messages) * 1e6;
  const ratios = rounds.map(({ before, now }) => valueOf(now) / valueOf(before));
  const ratio = spreadOf(ratios);
  const losses = ratios.map((each) => (isLatency(of) ? each - 1 : 1 - each));
  const worse = median(losses);
  const worseRounds = losses.filter((loss) => loss > 0).length;
  const badRounds = losses.filter((loss) => loss > allowed).length;
  return {
    of,
    rounds: rounds.length,
    before: spreadOf(rounds.map(({ before }) => valueOf(before))),
    now: spreadOf(rounds.map(({ now }) => valueOf(now))),
    ratio,
    ofRelay: spreadOf(rounds.map(({ now, relay }) => valueOf(now) / valueOf(relay))),
    costBefore: spreadOf(rounds.map(({ before }) => cost(before))),
    costNow: spreadOf(rounds.map(({ now }) => cost(now))),
    costRatio: spreadOf(rounds.map(({ before, now }) => cost(now) / cost(before))),
    worse,
    worseRounds,
    badRounds,
    verdict: verdictOf(worse, rounds.length, worseRounds, badRounds),
  };
}

function spreadText({ median, low, high }: Spread, write: (value: number) => string): string {
  return `${write(median)} (${write(low)} to ${write(high)})`;
}

/** All comparisons as a table: medians, and in brackets the least and the greatest round. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const head = [
    'workload',
    'mode',
    'figure',
    'before',
    'now',
    'now / before',
    "now / the bare relay's",
    'CPU µs/message',
    'CPU, now / before',
  ];
  const decimals =
    (count: number) =>
    (value: number): string =>
      number(value, count);
  return table(
    head,
    comparisons.map(({ of, before, now, ratio, ofRelay, costBefore, costNow, costRatio }) => {
      const write = isLatency(of) ? milliseconds : decimals(0);
      return [
        of.name,
        of.mode,
        isLatency(of) ? 'p50 ms' : 'deliveries/s',
        spreadText(before, write),
        spreadText(now, write),
        spreadText(ratio, decimals(2)),
        spreadText(ofRelay, decimals(3)),
        `${number(costBefore.median, 1)} before, ${number(costNow.median, 1)} now`,
        spreadText(costRatio, decimals(2)),
      ];
    }),
    head.slice(0, 3),
  );
}

/** A comparison in one sentence. */
export function sentenceOf({ of, rounds, ratio, worse, worseRounds, badRounds, verdict }: Comparison): string {
  const what = isLatency(of) ? 'p50' : 'deliveries/s';
  const change = `${Math.abs(worse * 100).toFixed(1)} % ${worse > 0 ? 'worse' : 'better'}`;
  const facts =
    `(${of.name}) ${workloads[of.name]}, ${of.mode}: the median of ${what} is ${change} than before ` +
    `(${ratio.median.toFixed(2)} ×, from ${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}); ${worseRounds} of ${rounds} rounds were worse, ${badRounds} by more than 15 %`;
  const conclusions: Readonly<Record<Verdict, string>> = {
    fine: 'No regression.',
    unclear: `UNCLEAR: the rounds disagree (${roundsNeeded(rounds)} of them would have to agree). Measure again with more ROUNDS, on a quieter machine.`,
    worse: 'REGRESSION.',
  };
  return `${facts}. ${conclusions[verdict]}`;
}
