// `npm run bench -- a b d`: measures the named workloads, or all. Prints each result at once, and writes the documents.
import { join } from 'node:path';
import { fromCommandLine, sizesOf, workloadsOf, type Sizes, type Workload } from './arguments.js';
import { compile } from './generator.js';
import { goalsTable, judge } from './goals.js';
import { measureHistory } from './history.js';
import { measureLogins } from './logins.js';
import { measureModes, measureOneAtATime } from './loads.js';
import { measureMemory } from './memory.js';
import { root } from './process.js';
import { measureRates } from './rates.js';
import { circumstances, readResults, type Measured, type Results } from './results.js';
import { writeReport } from './report.js';
import { makeData } from './salond-data.js';
import { everyServer, missingPackages, type Server } from './servers.js';
import { measureStart } from './start.js';
import { generatorLine, section } from './tables.js';
import { makeWorkFolder } from './work-folder.js';

interface Bench {
  readonly sizes: Sizes;
  /** The installed servers. */
  readonly servers: readonly Server[];
  /** The work folder. */
  readonly folder: string;
  /** The data folder with salond's users. */
  readonly data: string;
  readonly note: (text: string) => void;
}

/** The function that measures each workload. */
const measure: { readonly [Name in Workload]: (bench: Bench) => Promise<Measured[Name]> } = {
  a: ({ servers, sizes, note }) => measureModes('a', servers, sizes, note),
  b: ({ servers, sizes, note }) => measureModes('b', servers, sizes, note),
  c: ({ servers, sizes, note }) => measureModes('c', servers, sizes, note),
  d: ({ servers, sizes, folder, note }) => measureOneAtATime(servers, sizes, folder, note),
  e: ({ servers, sizes, note }) => measureRates(servers, sizes, note),
  f: ({ servers, sizes, note }) => measureModes('f', servers, sizes, note),
  g: ({ servers, sizes, note }) => measureMemory(servers, sizes, note),
  h: ({ folder, sizes }) => measureLogins(folder, sizes),
  i: ({ folder, data, sizes }) => measureHistory(folder, data, sizes),
  j: ({ folder, data, sizes }) => measureStart(folder, data, sizes),
};

async function run(asked: readonly Workload[], sizes: Sizes): Promise<void> {
  compile();
  const folder = makeWorkFolder();
  const data = join(folder, 'data');
  await makeData(data, 5000);
  const missing = missingPackages();
  if (missing.length > 0)
    process.stderr.write(`bench: not measured, since they are not installed: apt-get install ${missing.join(' ')}\n`);
  const bench: Bench = {
    sizes,
    folder,
    data,
    servers: everyServer(data, join(folder, 'run')),
    note: (text) => void process.stderr.write(`bench: ${text}\n`),
  };
  let fresh: Results = {};
  for (const name of asked) {
    const found = await measure[name](bench);
    fresh = { ...fresh, [name]: { under: circumstances(sizes), ...found } };
    // `measure[name]` returns what `section(name)` takes, but TypeScript can't tie the two in a loop.
    process.stdout.write(`\n${section(name, found as never)}\n`);
  }
  process.stdout.write(`\n${goalsTable(judge(fresh))}\n\n${generatorLine(fresh)}\n`);
  // Workloads that were not measured keep their figures.
  writeReport(root, { ...readResults(join(root, 'docs/bench.json')), ...fresh });
}

await fromCommandLine(() =>
  run(workloadsOf(process.argv.slice(2)), sizesOf(process.env, { rounds: 5, seconds: 3, messages: 10_000_000 })),
);
