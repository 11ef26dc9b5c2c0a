// `npm run bench:profile -- b`: profiles the main thread under one of the workloads a, b, c, d and f; with `-- b
// single` in the single mode. Writes a flame graph, docs/profile-b.svg or docs/profile-b-single.svg, and prints the
// functions that take most time.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, fromCommandLine, sizesOf, workloads } from './arguments.js';
import { flameGraph, frames, selfTimes, type CpuProfile } from './flame.js';
import { compile, modes, runLoad, type Mode } from './generator.js';
import { isLoadName, loads } from './loads.js';
import { table } from './markdown.js';
import { root } from './process.js';
import { makeData } from './salond-data.js';
import { salond } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

function isMode(name: string): name is Mode {
  return modes.some((mode) => mode === name);
}

async function run([name = '', mode = 'gathered']: readonly string[], seconds: number): Promise<void> {
  if (!isLoadName(name)) throw new BenchError(`name one of the workloads ${Object.keys(loads).join(' ')}`);
  if (!isMode(mode)) throw new BenchError(`there is no mode ${mode}: they are ${modes.join(' ')}`);
  compile();
  const folder = makeWorkFolder();
  const [data, profiles] = [join(folder, 'data'), join(folder, 'profiles')];
  mkdirSync(profiles);
  await makeData(data, 5000);
  const server = salond({ data, node: ['--cpu-prof', `--cpu-prof-dir=${profiles}`] });
  const running = await server.start();
  const figures = await runLoad(server, running, { ...loads[name], mode }, { seconds, drain: 20 });
  await running.stop('SIGTERM');
  const [file = ''] = readdirSync(profiles);
  const profile = JSON.parse(readFileSync(join(profiles, file), 'utf8')) as CpuProfile;
  // Only the last seconds are of interest: before them everybody logs in, after them what is in flight arrives.
  const end = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const tree = frames(profile, (at) => at >= end - (seconds + 0.3) * 1e6 && at < end - 0.3e6);
  const title = `(${name}) ${workloads[name]}, ${mode}: the main thread, without its idle time`;
  writeFileSync(join(root, `docs/profile-${name}${mode === 'single' ? '-single' : ''}.svg`), flameGraph(title, tree));
  const rows = selfTimes(tree)
    .slice(0, 16)
    .map((each) => [`\`${each.name}\``, `${(100 * each.share).toFixed(1)} %`]);
  process.stdout.write(
    `${title}; ${Math.round(figures.messages)} messages/s\n\n${table(['function', 'itself'], rows)}\n`,
  );
}

await fromCommandLine(() =>
  run(process.argv.slice(2), sizesOf(process.env, { rounds: 1, seconds: 3, messages: 1 }).seconds),
);
