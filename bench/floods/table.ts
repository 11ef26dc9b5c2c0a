// Shows the figures of attacks: the table of docs/floods.md, and a line a round for whoever waits. Pure.
import { milliseconds, number, table } from '../markdown.js';
import { honestLosses, meetsGoal, rowOf, type Round, type Row } from './figures.js';
import type { Probe, Tried } from './probes.js';
import { counted, increment } from './tally.js';

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

const words = [
  'meanwhile',
  'p99 < 100 ms',
  'honest users out',
  'honest people',
  'who was put out',
  'the attack',
] as const;

/** The table of all attacks. The first row is the room without an attack. */
export function attackTable(rows: readonly Row[]): string {
  const alone = rows[0]?.p99 ?? NaN;
  const head = [
    'meanwhile',
    'p50, ms',
    'p99, ms',
    'worst p99, ms',
    '× alone',
    'p99 < 100 ms',
    'honest users out',
    'longest delay of the loop, ms',
    'of an idle one, ms',
    'longest step, ms',
    'steps > 10 ms',
    'collection, ms',
    'watchdog, s',
    'memory, MiB',
    'files',
    ...words.slice(3),
  ];
  const cells = rows.map((row) => {
    const { title, p50, p99, worst, loop, control, watchdog, memory, files, failures, probes, putOut, said, rounds } =
      row;
    return [
      title,
      milliseconds(p50),
      milliseconds(p99),
      milliseconds(worst),
      number(p99 / alone, 2),
      meetsGoal(row) ? 'yes' : '**no**',
      honestLosses(row) === '' ? 'nobody' : `**${honestLosses(row)}**`,
      milliseconds(loop.delay),
      milliseconds(control),
      milliseconds(loop.step),
      number(loop.long),
      milliseconds(loop.collection),
      number(watchdog / 1000, 1),
      number(memory),
      number(files),
      [
        failures.length === 0 ? 'all messages arrived' : `**${counted([...tallied(failures)])} of ${rounds}**`,
        ...probes.map(sentenceOf),
      ].join('; '),
      cell(putOut),
      cell(said),
    ];
  });
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

/** A round in a line. */
export function lineOf(round: Round): string {
  const { p50, p99, loop, control, memory, files } = round;
  const row = rowOf('', [round]);
  const losses = honestLosses(row);
  return [
    `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)} ms`,
    `delay ${milliseconds(loop.delay)} (idle ${milliseconds(control)})`,
    `step ${milliseconds(loop.step)} (${number(loop.long)} long)`,
    `${number(memory)} MiB, ${number(files)} files`,
    ...(losses === '' ? [] : [`OUT: ${losses}`]),
    ...row.failures,
  ].join('; ');
}
