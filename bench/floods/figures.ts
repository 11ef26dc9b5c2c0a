// The figures of an attack, their medians over rounds, and the table of docs/floods.md. Pure.
import { milliseconds, number, table } from '../markdown.js';
import { median } from '../rounds.js';
import { unknownDelay, type Delay } from './delays.js';
import type { Probe, Tried } from './probes.js';
import { counted, increment } from './tally.js';
import type { Peaks } from './watch.js';

/** What one round of an attack showed. */
export interface Round extends Peaks {
  /** Milliseconds from a message's sending until all others have it; NaN if they did not get it. */
  readonly p50: number;
  readonly p99: number;
  readonly loop: Delay;
  /** The longest delay of an idle process meanwhile. */
  readonly control: number;
  /** How the daemon ended, if it did: `killed for its memory`. */
  readonly ended: string | undefined;
  /** What went wrong for the talkers, if something did. */
  readonly talkers: string | undefined;
  readonly probes: readonly Tried[];
  /** Who was put out and why, by the daemon's metrics. */
  readonly putOut: string;
  /** What the attack says about itself. */
  readonly said: string;
}

/** A round without any figure. */
export const unmeasured: Round = {
  p50: NaN,
  p99: NaN,
  loop: unknownDelay,
  control: NaN,
  memory: NaN,
  files: NaN,
  ended: undefined,
  talkers: undefined,
  probes: [],
  putOut: '',
  said: '',
};

/** A row of the table: all rounds of one attack. */
export interface Row extends Omit<Round, 'ended' | 'talkers'> {
  readonly title: string;
  readonly rounds: number;
  /** What happened in rounds that failed. */
  readonly failures: readonly string[];
}

/** Combines the rounds of an attack: medians of figures, sums of what was tried, the words of the last round. */
export function rowOf(title: string, rounds: readonly Round[]): Row {
  const of = (pick: (round: Round) => number): number =>
    median(rounds.map(pick).filter((value) => !Number.isNaN(value)));
  const last = rounds.at(-1);
  return {
    title,
    rounds: rounds.length,
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    loop: {
      delay: of(({ loop }) => loop.delay),
      step: of(({ loop }) => loop.step),
      collection: of(({ loop }) => loop.collection),
      long: of(({ loop }) => loop.long),
    },
    control: of(({ control }) => control),
    memory: of(({ memory }) => memory),
    files: of(({ files }) => files),
    failures: rounds.flatMap(({ ended, talkers }) =>
      [ended === undefined ? undefined : `the daemon: ${ended}`, talkers].filter((each) => each !== undefined),
    ),
    probes: together(rounds.flatMap(({ probes }) => probes)),
    putOut: last?.putOut ?? '',
    said: last?.said ?? '',
  };
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

const deeds: Readonly<Record<Probe, string>> = {
  login: 'a user logged in',
  newcomer: 'users at new addresses logged in',
  create: 'an operator created users',
  status: 'the operator got the status',
  metrics: '/metrics was answered',
  members: 'slow members who stayed:',
};

/** What became of a probe, in words: `a user logged in 3 of 4 times, in 812 ms at most (16 × 1)`. */
export function sentenceOf({ probe, tries, done, longest, refused }: Tried): string {
  const answers = refused.size === 0 ? '' : ` (${counted([...refused])})`;
  if (probe === 'members') return `${deeds[probe]} ${done} of ${tries}${answers}`;
  const time = done === 0 ? '' : `, in ${number(longest)} ms at most`;
  return `${deeds[probe]} ${done} of ${tries} times${time}${answers}`;
}

const words = ['meanwhile', 'honest people', 'who was put out', 'the attack'] as const;

/** The table of all attacks. The first row is the room without an attack. */
export function attackTable(rows: readonly Row[]): string {
  const alone = rows[0]?.p99 ?? NaN;
  const head = [
    'meanwhile',
    'p50, ms',
    'p99, ms',
    '× alone',
    'longest delay of the loop, ms',
    'of an idle one, ms',
    'longest step, ms',
    'steps > 10 ms',
    'collection, ms',
    'memory, MiB',
    'files',
    ...words.slice(1),
  ];
  const cells = rows.map(
    ({ title, p50, p99, loop, control, memory, files, failures, probes, putOut, said, rounds }) => [
      title,
      milliseconds(p50),
      milliseconds(p99),
      number(p99 / alone, 2),
      milliseconds(loop.delay),
      milliseconds(control),
      milliseconds(loop.step),
      number(loop.long),
      milliseconds(loop.collection),
      number(memory),
      number(files),
      [
        failures.length === 0 ? 'all messages arrived' : `**${counted([...tallied(failures)])} of ${rounds}**`,
        ...probes.map(sentenceOf),
      ].join('; '),
      cell(putOut),
      cell(said),
    ],
  );
  return table(head, cells, words);
}

function tallied(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) increment(counts, text);
  return counts;
}

/** A text as a cell of a Markdown table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
