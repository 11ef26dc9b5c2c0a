// The figures of an attack, what they are over several rounds, and whether they are what they should be. Pure.
import { number } from '../markdown.js';
import { median } from '../rounds.js';
import { unknownDelay, type Delay } from './delays.js';
import type { Probe, Tried } from './probes.js';
import { increment } from './tally.js';
import type { Peaks } from './watch.js';

/** What one round of an attack showed. */
export interface Round extends Peaks {
  /** Milliseconds from a message's sending until all others have it; NaN if they did not get it. */
  readonly p50: number;
  readonly p99: number;
  readonly loop: Delay;
  /** The longest delay of an idle process meanwhile. */
  readonly control: number;
  /** Milliseconds in which the daemon did not tell its service manager that it is alive, at most. */
  readonly watchdog: number;
  /** How the daemon ended, if it did: `killed for its memory`. */
  readonly ended: string | undefined;
  /** What went wrong for the talkers, if something did. */
  readonly talkers: string | undefined;
  readonly probes: readonly Tried[];
  /** Who was put out and why, by the daemon's metrics. */
  readonly putOut: string;
  /** What the attack says about itself. */
  readonly said: string;
  /** Honest users of the attack who were put out. */
  readonly lost: number;
}

/** A round without any figure. */
export const unmeasured: Round = {
  p50: NaN,
  p99: NaN,
  loop: unknownDelay,
  control: NaN,
  watchdog: NaN,
  memory: NaN,
  files: NaN,
  ended: undefined,
  talkers: undefined,
  probes: [],
  putOut: '',
  said: '',
  lost: 0,
};

/** A row of the table: all rounds of one attack. */
export interface Row extends Omit<Round, 'ended' | 'talkers'> {
  readonly title: string;
  readonly rounds: number;
  /** The highest p99 of a round. */
  readonly worst: number;
  /** What happened in rounds that failed. */
  readonly failures: readonly string[];
}

/**
 * Combines the rounds of an attack: medians of latencies, the most of what is a peak, sums of what was tried, and the
 * words of the last round. A figure that no round has is NaN.
 */
export function rowOf(title: string, rounds: readonly Round[]): Row {
  const known = (pick: (round: Round) => number): readonly number[] =>
    rounds.map(pick).filter((value) => !Number.isNaN(value));
  const most = (pick: (round: Round) => number): number => {
    const found = known(pick);
    return found.length === 0 ? NaN : Math.max(...found);
  };
  const last = rounds.at(-1);
  return {
    title,
    rounds: rounds.length,
    p50: median(known(({ p50 }) => p50)),
    p99: median(known(({ p99 }) => p99)),
    worst: most(({ p99 }) => p99),
    loop: {
      delay: most(({ loop }) => loop.delay),
      step: most(({ loop }) => loop.step),
      collection: most(({ loop }) => loop.collection),
      long: most(({ loop }) => loop.long),
    },
    control: most(({ control }) => control),
    watchdog: most(({ watchdog }) => watchdog),
    memory: most(({ memory }) => memory),
    files: most(({ files }) => files),
    failures: rounds.flatMap(({ ended, talkers }) =>
      [ended === undefined ? undefined : `the daemon: ${ended}`, talkers].filter((each) => each !== undefined),
    ),
    probes: together(rounds.flatMap(({ probes }) => probes)),
    putOut: last?.putOut ?? '',
    said: last?.said ?? '',
    lost: most(({ lost }) => lost),
  };
}

/** The goal for p99, in milliseconds. */
export const goal = 100;

/** Whether every round has a p99, and their median is below the goal. */
export function meetsGoal({ p99, failures }: Pick<Row, 'p99' | 'failures'>): boolean {
  return failures.length === 0 && p99 < goal;
}

/** Failures in which a talker lost the connection, or everybody did. */
const isLoss = /was closed|^read: |^write: |the daemon: /;

/** Who of the honest was put out, or was refused what belongs to them, in words; '' if nobody was. */
export function honestLosses({ failures, probes, lost }: Pick<Row, 'failures' | 'probes' | 'lost'>): string {
  return [
    ...(failures.some((text) => isLoss.test(text)) ? ['talkers'] : []),
    ...(lost > 0 ? [`${number(lost)} readers`] : []),
    ...probes
      .filter(({ tries, done }) => done < tries)
      .map(({ probe, tries, done }) => `${probe}: ${tries - done} of ${tries}`),
  ].join(', ');
}

/** Adds up what became of the same probes. */
export function together(all: readonly Tried[]): readonly Tried[] {
  const sums = new Map<Probe, Tried>();
  for (const { probe, tries, done, longest, refused } of all) {
    const sum = sums.get(probe) ?? { probe, tries: 0, done: 0, longest: 0, refused: new Map<string, number>() };
    const counts = new Map(sum.refused);
    for (const [answer, count] of refused) increment(counts, answer, count);
    sums.set(probe, {
      probe,
      tries: sum.tries + tries,
      done: sum.done + done,
      longest: Math.max(sum.longest, longest),
      refused: counts,
    });
  }
  return [...sums.values()];
}
