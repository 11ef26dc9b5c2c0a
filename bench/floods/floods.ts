// `npm run bench:floods`: measures how much an attack on the daemon delays the users of a room, and what it takes from
// the daemon. Each attack is measured alone, and all of them together, in rounds like the other benches. Writes
// docs/floods.md, or, where attacks are named on the command line, only shows their rows. With `--continue` it goes on
// where an earlier run was interrupted, and with `--profile` it shows what the daemon's main thread does.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, fromCommandLine, sizesOf, type Sizes } from '../arguments.js';
import { compile } from '../generator.js';
import { root } from '../process.js';
import { makeWorkFolder } from '../work-folder.js';
import { bytes, pour } from './attacks/bytes.js';
import { userCount } from './attacks/list.js';
import { cases, casesOf, type Case } from './cases.js';
import { archived, hashes, makeFloodData } from './data.js';
import { makeCertificate, startDaemon } from './daemon.js';
import { endDelay, startDelay, type Delay } from './delays.js';
import { document } from './document.js';
import { rowOf, unmeasured, type Round } from './figures.js';
import { Journal } from './journal.js';
import { imitateNetwork } from './loopback.js';
import { hasMemoryLimit, measure } from './measure.js';
import { hotFunctions } from './profile.js';
import { attackTable, lineOf } from './table.js';

/** Most seconds for which each kind of bytes is sent alone. */
const mostSeconds = 3;

/** A case that failed so often is not measured again: each failure may take minutes. */
const patience = 2;

/** Minutes after which no case is measured again; each is measured once, however long it takes. */
const mostMinutes = 22;

/** What the command line asks for. */
interface Orders {
  readonly names: readonly string[];
  readonly continues: boolean;
  readonly profiles: boolean;
}

/** Reads the command line. Throws BenchError for an unknown option. */
function ordersOf(args: readonly string[]): Orders {
  const options = args.filter((each) => each.startsWith('-'));
  const unknown = options.find((each) => each !== '--continue' && each !== '--profile');
  if (unknown !== undefined) throw new BenchError(`there is no option ${unknown}: they are --continue and --profile`);
  return {
    names: args.filter((each) => !each.startsWith('-')),
    continues: options.includes('--continue'),
    profiles: options.includes('--profile'),
  };
}

/**
 * The delays of the event loop under each kind of hostile bytes, sent again and again to a daemon with nothing
 * else to do.
 */
async function measureEach(folder: string, seconds: number): Promise<readonly (readonly [string, Delay])[]> {
  // One connection at a time, all from one address.
  const settings = { SALOND_CONNECTIONS_PER_MINUTE: '1000000' };
  const daemon = await startDaemon({ folder, hashes: 'cheap', settings, files: undefined, cgroup: undefined });
  const found: [string, Delay][] = [];
  try {
    for (const [name, all] of Object.entries(bytes)) {
      startDelay(daemon.pid);
      const ended = new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));
      for (const end = performance.now() + seconds * 1000; performance.now() < end; )
        await pour(daemon.ports.port, all, '127.0.1.1', ended);
      found.push([name, await endDelay(daemon.pid, join(folder, 'loop-delay'))]);
    }
    return found;
  } finally {
    await daemon.stop();
  }
}

/** A round that could not be measured: the others still are. */
function failed(error: unknown): Round {
  const text = error instanceof Error ? error.message : String(error);
  return { ...unmeasured, talkers: `it could not be measured: ${text}` };
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Measures the cases in rounds until the journal has as many of each as were asked for, and tells how it goes on. */
async function measureCases(
  chosen: readonly Case[],
  journal: Journal,
  { folder, profiles, sizes: { rounds, seconds } }: { folder: string; profiles: boolean; sizes: Sizes },
): Promise<void> {
  const due = Array.from({ length: rounds }, (_, round) =>
    chosen.filter(({ name }) => journal.of(name).length <= round),
  ).flat();
  const begun = performance.now();
  const minutes = (): number => (performance.now() - begun) / 60_000;
  for (const [index, each] of due.entries()) {
    const failures = journal.of(each.name).filter(({ p99 }) => Number.isNaN(p99)).length;
    if (failures >= patience) {
      note(`${each.name}: not measured again, because it failed ${failures} times`);
      continue;
    }
    if (minutes() > mostMinutes && journal.of(each.name).length > 0) {
      note(`${each.name}: not measured again, because ${mostMinutes} minutes have passed`);
      continue;
    }
    const profile = profiles ? join(folder, 'profile') : undefined;
    const round = await measure(each, { folder, seconds, number: index, profile }).catch(failed);
    journal.add(each.name, round);
    const spent = minutes();
    const left = (spent / (index + 1)) * (due.length - index - 1);
    note(
      `${index + 1} of ${due.length}, ${spent.toFixed(1)} min, ${left.toFixed(1)} to go: ${each.name}: ${lineOf(round)}`,
    );
    const { delay, longest = [0, 0], longOnes = [] } = round.loop;
    if (profile === undefined || Number.isNaN(delay)) continue;
    note(hotFunctions(profile, longOnes.length > 0 ? longOnes : [longest]));
  }
}

async function measureAll({ names, continues, profiles }: Orders, sizes: Sizes): Promise<void> {
  const chosen = casesOf(names);
  compile();
  const folder = makeWorkFolder();
  const journal = new Journal(join(root, 'dist/bench-floods.jsonl'), sizes.seconds, continues);
  note(`${chosen.length * sizes.rounds} rounds; ${continues ? 'going on' : 'beginning anew'}`);
  for (const cost of ['cheap', 'costly'] as const)
    if (cost === 'cheap' || chosen.some((each) => each.hashes === cost))
      await makeFloodData(join(folder, cost), userCount, hashes[cost], cost === 'costly' ? archived : 0);
  makeCertificate(folder);
  const limited = await hasMemoryLimit();
  const likeness = imitateNetwork();
  await measureCases(chosen, journal, { folder, profiles, sizes });
  const rows = chosen.map(({ name, title }) => rowOf(title, journal.of(name)));
  if (chosen !== cases) {
    process.stdout.write(`${attackTable(rows)}\n`);
    return;
  }
  const eachSeconds = Math.min(sizes.seconds, mostSeconds);
  const each = await measureEach(folder, eachSeconds);
  const text = document({ rows, each, eachSeconds, sizes, limited, ...likeness });
  writeFileSync(join(root, 'docs/floods.md'), text);
  process.stdout.write(text);
}

await fromCommandLine(() =>
  measureAll(ordersOf(process.argv.slice(2)), sizesOf(process.env, { rounds: 3, seconds: 5, messages: 1 })),
);
