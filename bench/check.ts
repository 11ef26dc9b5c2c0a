// `npm run bench:check -- --against REF a b d`: checks whether the working tree is slower than a commit. Measures both
// by turns in one run, in both modes of the generator, because figures of different runs differ too much.
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Asker } from './asker.js';
import { BenchError, fromCommandLine, sizesOf, type Sizes } from './arguments.js';
import { checkOut, hasOtherPackages, previousCommit, type Checkout } from './checkout.js';
import { compare, comparisonTable, sentenceOf, type Case, type Round } from './comparison.js';
import { compile, type Figures } from './generator.js';
import { isLoadName, loads, measureLoad, type LoadName } from './loads.js';
import { root } from './process.js';
import { password } from './salond-data.js';
import { relay, salond, type Server } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

/** With fewer rounds a median says too little. */
const fewestRounds = 5;

/** The workloads that are measured if none is named. */
const usual: readonly LoadName[] = ['a', 'b', 'd'];

/** The cases of the workloads. Workload d has one mode only, because a single message leaves nothing to gather. */
function casesOf(names: readonly LoadName[]): readonly Case[] {
  return names.flatMap((name): readonly Case[] =>
    name === 'd'
      ? [{ name, mode: 'single' }]
      : [
          { name, mode: 'gathered' },
          { name, mode: 'single' },
        ],
  );
}

/**
 * Prepares the daemon of a project folder, with its own data. Creates the users over TCP: the data formats of two
 * commits may differ, but the protocol does not.
 */
async function prepare(tree: string, data: string, users: number): Promise<Server> {
  const running = await salond({ tree, data }).start();
  try {
    const asker = await Asker.to(running.port);
    for (let user = 0; user < users; user += 1) {
      await asker.ask({
        command: 'create_user',
        username: `load-${user}`,
        first_name: 'L',
        last_name: 'L',
        password,
      });
    }
    asker.close();
  } finally {
    await running.stop('SIGTERM');
  }
  return salond({ tree, data, copy: `${data}-run` });
}

/** The two servers that a check compares. */
interface Sides {
  readonly before: Server;
  readonly now: Server;
}

/**
 * Measures one round of a case. The side that begins changes from round to round, so that a drift of the machine
 * affects both sides.
 */
async function measureRound({ name, mode }: Case, sides: Sides, round: number, seconds: number): Promise<Round> {
  const load = { ...loads[name], mode };
  const found: Partial<Record<keyof Sides, Figures>> = {};
  for (const side of round % 2 === 0 ? (['before', 'now'] as const) : (['now', 'before'] as const)) {
    try {
      found[side] = await measureLoad(sides[side], load, seconds);
    } catch (error) {
      throw new BenchError(`(${name}) ${mode}, ${side}: ${(error as Error).message}`);
    }
  }
  const { before, now } = found;
  if (before === undefined || now === undefined) throw new BenchError('a side was not measured');
  return { before, now, relay: await measureLoad(relay, load, seconds / 2) };
}

/** Measures all cases, round by round, and prints the comparisons. Sets the exit status to 1 if one is worse. */
async function check(cases: readonly Case[], sides: Sides, { rounds, seconds }: Sizes): Promise<void> {
  const taken = cases.map((): Round[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, each] of cases.entries()) taken[index]?.push(await measureRound(each, sides, round, seconds));
    process.stderr.write(`bench: round ${round + 1} of ${rounds} is measured\n`);
  }
  const comparisons = cases.map((each, index) => compare(each, taken[index] ?? []));
  process.stdout.write(`${comparisonTable(comparisons)}\n\n`);
  for (const comparison of comparisons) process.stdout.write(`- ${sentenceOf(comparison)}\n`);
  if (comparisons.some(({ verdict }) => verdict === 'worse')) process.exitCode = 1;
}

function introduction({ title }: Checkout, { rounds, seconds }: Sizes): string {
  const head = execFileSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' }).trim();
  const [load = NaN] = loadavg();
  return [
    `Before: ${title}. Now: the working tree (${head}).`,
    `Both were measured by turns, with ${rounds} rounds of ${seconds} s after 1 s of warming up. A figure is the median of the rounds,`,
    'with the least and the greatest of them in brackets; ratios are those of figures that were measured right after one another.',
    `Machine: ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}, load average ${load.toFixed(1)} before the first round.`,
  ].join('\n');
}

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { against: { type: 'string' } },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !isLoadName(name));
  if (unknown !== undefined)
    throw new BenchError(`there is no workload ${unknown}: they are ${Object.keys(loads).join(' ')}`);
  const names = positionals.length === 0 ? usual : positionals.filter(isLoadName);
  const sizes = sizesOf(process.env, { rounds: 7, seconds: 2, messages: 1 });
  if (sizes.rounds < fewestRounds) throw new BenchError(`a check takes ${fewestRounds} ROUNDS at least`);
  const ref = values.against ?? previousCommit();
  compile();
  const folder = makeWorkFolder();
  const checkout = checkOut(ref, join(folder, 'before'));
  if (hasOtherPackages(ref)) process.stderr.write('bench: both sides run with the packages that are installed here\n');
  const users = Math.max(...names.map((name) => loads[name].members));
  const sides = {
    before: await prepare(checkout.folder, join(folder, 'before-data'), users),
    now: await prepare(root, join(folder, 'now-data'), users),
  };
  process.stdout.write(`${introduction(checkout, sizes)}\n\n`);
  await check(casesOf(names), sides, sizes);
}

await fromCommandLine(() => run(process.argv.slice(2)));
