// `npm run bench:check`: whether salond has become slower than the baseline that is kept in the repository, beside the bare relay
// of the same run. `-- --write` keeps what is found as the new baseline.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, fromCommandLine, sizesOf, workloads, type Sizes } from './arguments.js';
import { checked, compare, ratioOfRounds, said, type Baseline, type Checked } from './baseline.js';
import { compile, type Figures } from './generator.js';
import { loads, measureLoad } from './loads.js';
import { root } from './process.js';
import { significant } from './rounds.js';
import { makeData } from './salond-data.js';
import { relay, salond } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

const path = join(root, 'bench/baseline.json');

async function measure({ rounds, seconds }: Sizes): Promise<Baseline> {
  const folder = makeWorkFolder();
  const data = join(folder, 'data');
  await makeData(data, 100);
  const server = salond({ data, copy: join(folder, 'run') });
  const found: Partial<Record<Checked, number>> = {};
  for (const name of checked) {
    const taken: { salond: Figures; relay: Figures }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      taken.push({
        salond: await measureLoad(server, loads[name], seconds),
        relay: await measureLoad(relay, loads[name], seconds),
      });
    }
    found[name] = significant(ratioOfRounds(name, taken), 4);
  }
  return { a: found.a ?? NaN, b: found.b ?? NaN, d: found.d ?? NaN };
}

function readBaseline(): Baseline {
  if (!existsSync(path)) throw new BenchError('nothing to compare with is kept yet: npm run bench:check -- --write');
  return JSON.parse(readFileSync(path, 'utf8')) as Baseline;
}

async function run(args: readonly string[]): Promise<void> {
  const unknown = args.find((each) => each !== '--write');
  if (unknown !== undefined) throw new BenchError(`there is no option ${unknown}`);
  const sizes = sizesOf(process.env, { rounds: 5, seconds: 2, messages: 1 });
  const kept = args.includes('--write') ? undefined : readBaseline();
  compile();
  const found = await measure(sizes);
  if (kept === undefined) {
    writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
    process.stdout.write(`kept in bench/baseline.json: ${JSON.stringify(found)}\n`);
    return;
  }
  const comparisons = compare(kept, found);
  for (const comparison of comparisons) process.stdout.write(`${said(comparison)}\n`);
  for (const { name } of comparisons.filter(({ tooMuch }) => tooMuch)) {
    process.stderr.write(`bench: (${name}), ${workloads[name]}, is more than 15 % worse than the baseline\n`);
    process.exitCode = 1;
  }
}

await fromCommandLine(() => run(process.argv.slice(2)));
