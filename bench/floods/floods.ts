// `npm run bench:floods`: measures how much an attack on the daemon delays the users of a room, and what it takes from
// the daemon. Each attack is measured alone, then all of them together, in rounds like the other benches. Writes
// docs/floods.md, or, where attacks are named on the command line, only shows their rows.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, fromCommandLine, sizesOf, type Sizes } from '../arguments.js';
import { compile } from '../generator.js';
import { milliseconds, number, table } from '../markdown.js';
import { root } from '../process.js';
import { circumstances } from '../results.js';
import { makeWorkFolder } from '../work-folder.js';
import { bytes, pour } from './attacks/bytes.js';
import { attacks, userCount } from './attacks/list.js';
import { halls, hashes, makeFloodData } from './data.js';
import { makeCertificate, startDaemon } from './daemon.js';
import { endDelay, startDelay, type Delay } from './delays.js';
import { attackTable, rowOf, unmeasured, type Round, type Row } from './figures.js';
import { crowd, hasMemoryLimit, measure, memoryLimit, rate, type Case } from './measure.js';

/** Measurements that are no single attack. */
const alone: Case & { readonly name: string } = { name: 'alone', title: 'nothing', attacks: [], hashes: 'cheap' };
const together: Case & { readonly name: string } = {
  name: 'together',
  title: '**all of these together**',
  attacks: attacks.filter(({ isComparison = false }) => !isComparison),
  hashes: 'costly',
};

/** All cases by name, in the order of the table. */
const cases = [
  alone,
  ...attacks.map((attack) => ({
    name: attack.name,
    title: attack.title,
    attacks: [attack],
    hashes: attack.hashes ?? 'cheap',
  })),
  together,
];

/** The cases of those names, and the room alone; all if none is named. Throws BenchError for an unknown name. */
function casesOf(names: readonly string[]): typeof cases {
  const known = cases.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new BenchError(`there is no attack ${unknown}: they are ${known.join(' ')}`);
  return names.length === 0 ? cases : cases.filter(({ name }) => name === alone.name || names.includes(name));
}

/** Most seconds for which each kind of bytes is sent alone. */
const mostSeconds = 5;

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
      for (const end = performance.now() + seconds * 1000; performance.now() < end; )
        await pour(daemon.ports.port, all, '127.0.1.1');
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

/** Measures the cases in rounds, and shows each round as it is done. */
async function measureCases(chosen: typeof cases, folder: string, { rounds, seconds }: Sizes): Promise<readonly Row[]> {
  const taken = chosen.map((): Round[] => []);
  let count = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, each] of chosen.entries()) {
      count += 1;
      const found = await measure(each, { folder, seconds, number: count }).catch(failed);
      taken[index]?.push(found);
      process.stderr.write(
        `${each.name}: ${
          attackTable([rowOf(each.title, [found])])
            .split('\n')
            .at(-1) ?? ''
        }\n`,
      );
    }
  }
  return chosen.map(({ title }, index) => rowOf(title, taken[index] ?? []));
}

/** The text of docs/floods.md. */
function document(
  rows: readonly Row[],
  each: readonly (readonly [string, Delay])[],
  sizes: Sizes,
  limited: boolean,
): string {
  const { date, processor, kernel, node } = circumstances(sizes);
  const { rounds, seconds } = sizes;
  const limit = limited
    ? `The daemon runs in a memory cgroup of ${memoryLimit / 2 ** 20} MiB, where the kernel kills it if it takes more.`
    : 'No memory cgroup could be made here, so the daemon ran without a limit of memory: **this was skipped**.';
  return `# Floods

\`npm run bench:floods\` on ${processor}, Linux ${kernel}, Node ${node}, ${date}: a room of ${crowd.members} receives ${rate} messages of ${number(crowd.bytes)} bytes a
second, first alone and then while somebody attacks the daemon. Figures are medians of ${rounds} rounds of ${seconds} s; the words are those of the last round.

${limit}
The daemon has its default settings, except where the table says otherwise and for the addresses that it listens on. Nobody is exempt from limits
(\`exempt_addresses\` is empty): the ${crowd.members} talkers come from ${crowd.addresses} addresses, and ${crowd.speakers} of them speak, so that nobody exceeds a limit. Attackers come from
other addresses of 127.0.0.0/8. All of these share two processors. Each attack is a process of its own with the lowest priority, because attackers
have machines of their own. Password hashes are cheap, so that attackers get in fast, except in the attacks with passwords and in all of them together, where they cost what the
defaults say. The data has ${number(halls)} rooms that nobody is in.

The longest delay is that of the daemon's event loop, by the clock. Beside it is that of an idle process that is measured in the same way: where this is
long too, the machine was busy and not the daemon. The longest step is in processor time of the loop's thread, without garbage collection, which has a column of its own.
Memory is the peak of the daemon's resident
memory, and files the most that it had open.

${attackTable(rows)}

Each kind of bytes alone, for ${Math.min(seconds, mostSeconds)} s, against a daemon with nothing else to do:

${table(
  ['bytes', 'longest delay of the loop, ms', 'longest step, ms'],
  each.map(([name, { delay, step }]) => [name, milliseconds(delay), milliseconds(step)]),
)}
`;
}

async function measureAll(names: readonly string[], sizes: Sizes): Promise<void> {
  const chosen = casesOf(names);
  compile();
  const folder = makeWorkFolder();
  for (const cost of ['cheap', 'costly'] as const)
    if (chosen.some((each) => each.hashes === cost)) await makeFloodData(join(folder, cost), userCount, hashes[cost]);
  makeCertificate(folder);
  const limited = await hasMemoryLimit();
  const rows = await measureCases(chosen, folder, sizes);
  if (chosen !== cases) {
    process.stdout.write(`${attackTable(rows)}\n`);
    return;
  }
  const text = document(rows, await measureEach(folder, Math.min(sizes.seconds, mostSeconds)), sizes, limited);
  writeFileSync(join(root, 'docs/floods.md'), text);
  process.stdout.write(text);
}

await fromCommandLine(() =>
  measureAll(process.argv.slice(2), sizesOf(process.env, { rounds: 3, seconds: 20, messages: 1 })),
);
