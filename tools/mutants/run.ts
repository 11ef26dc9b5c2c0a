// `npm run test:mutants`: makes one small change at a time to the compiled code and checks that a test fails. A mutant
// that survives shows behaviour that no in-process test checks. `-- --seed N` draws the same sample again, `--sample N`
// sets its size, `--file src/chat` selects the files whose paths begin so, and `--jobs N` sets how many mutants are
// tried at once (2). Fails if less than 85 % of the sample die. equivalents.json has the mutations that change nothing
// observable, each with its reason. They are never drawn.
import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../../test/fuzz/random.js';
import { cpuSeconds } from '../../test/support/cpu.js';
import { root } from '../../bench/process.js';
import { ProjectCopy, type Outcome } from './copy.js';
import { Coverage } from './coverage.js';
import { findMutations, mutate, type Mutation } from './mutations.js';
import { findTests, ImportGraph, testsOf, type TimedTest } from './tests.js';

/** The part of the sample that has to die, in percent. */
const floor = 85;
/** Files and folders of src/ that are mutated. */
const targets = [
  'src/session/',
  'src/chat/',
  'src/accounts/',
  'src/store/group-commit',
  'src/store/commit-loop',
  'src/store/head-reader',
  'src/store/writing-state',
  'src/store/batch-builder',
  'src/store/followed-logs',
  'src/store/numbering',
  'src/store/judge',
  'src/net/outbox',
];

/** Whether a file of src or of `dist` is mutated: a target without its ending, or in a folder that is one. */
function isTarget(path: string): boolean {
  return targets.some((target) => path.startsWith(target));
}

/** A mutation of one file, by the file's path relative to `dist`. */
interface Mutant extends Mutation {
  readonly file: string;
}

/** An entry of equivalents.json. */
interface Equivalent {
  readonly file: string;
  readonly scope: string;
  readonly line: string;
  readonly change: string;
  readonly why: string;
}

interface Result {
  readonly mutant: Mutant;
  /** `passed` if the mutant survived all tests. */
  readonly outcome: Outcome;
  /** The test that killed the mutant; empty if it survived. */
  readonly by: string;
}

/** The compiled files of the targets' sources. `dist` may also have files whose source was removed. */
function targetFiles(only: string): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => `src/${path}`)
    .filter((path) => path.endsWith('.ts') && isTarget(path) && path.startsWith(only))
    .sort()
    .map((path) => path.replace(/\.ts$/, '.js'));
}

function identity({ file, scope, line, change }: Omit<Equivalent, 'why'>): string {
  return JSON.stringify([file, scope, line, change]);
}

/** Draws `count` items of the list, each at most once. */
function draw<T>(list: readonly T[], count: number, random: Random): T[] {
  const rest = [...list];
  const drawn: T[] = [];
  while (drawn.length < count && rest.length > 0) drawn.push(...rest.splice(random.below(rest.length), 1));
  return drawn;
}

/** Works through the list with one worker per copy. */
async function inParallel<T>(
  list: readonly T[],
  copies: readonly ProjectCopy[],
  work: (item: T, copy: ProjectCopy) => Promise<void>,
): Promise<void> {
  const queue = [...list];
  await Promise.all(
    copies.map(async (copy) => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item, copy);
    }),
  );
}

/**
 * Runs every test once without a mutant. It has to pass, its time sets its limit with a mutant, and what it executes
 * decides with which mutants it is run.
 */
async function timeTests(tests: readonly string[], copies: readonly ProjectCopy[]): Promise<TimedTest[]> {
  const timed: TimedTest[] = [];
  await inParallel(tests, copies, async (path, copy) => {
    const reports = join(copy.folder, 'coverage', path);
    let begun = performance.now();
    let outcome = await copy.run(path, 120_000, reports);
    if (outcome !== 'passed') {
      // The machine may have been too busy for one of the test's deadlines.
      begun = performance.now();
      outcome = await copy.run(path, 120_000, reports);
    }
    if (outcome !== 'passed') throw new Error(`${path} does not pass without a mutant (${outcome})`);
    const time = performance.now() - begun;
    timed.push({ path, time, coverage: new Coverage(reports, copy.dist, isTarget) });
  });
  return timed;
}

async function tryMutant(mutant: Mutant, tests: readonly TimedTest[], copy: ProjectCopy): Promise<Result> {
  const text = copy.read(mutant.file);
  copy.write(mutant.file, mutate(text, mutant));
  try {
    for (const { path, time } of tests) {
      const outcome = await copy.run(path, 5000 + 4 * time);
      if (outcome !== 'passed') return { mutant, outcome, by: path };
    }
    return { mutant, outcome: 'passed', by: '' };
  } finally {
    copy.write(mutant.file, text);
  }
}

/** The mutant's place in the source, and the line there. */
function placeInSource({ file, start }: Mutant): { readonly place: string; readonly line: string } {
  const compiled = join(root, 'dist', file);
  const before = readFileSync(compiled, 'utf8').slice(0, start).split('\n');
  const map = new SourceMap(JSON.parse(readFileSync(`${compiled}.map`, 'utf8')) as SourceMapPayload);
  const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
  const source = file.replace(/\.js$/, '.ts');
  if (!('originalLine' in entry)) return { place: source, line: '' };
  const line = readFileSync(join(root, source), 'utf8').split('\n')[entry.originalLine] ?? '';
  return { place: `${source}:${entry.originalLine + 1}`, line: line.trim() };
}

function report(results: readonly Result[], seconds: number): void {
  const survivors = results.filter(({ outcome }) => outcome === 'passed').map(({ mutant }) => mutant);
  for (const mutant of survivors.sort((a, b) => a.file.localeCompare(b.file) || a.start - b.start)) {
    const { place, line } = placeInSource(mutant);
    const { file, scope, line: compiled, change } = mutant;
    process.stdout.write(`\nsurvived: ${place}\n    ${line}\n    ${change}\n`);
    process.stdout.write(`    ${JSON.stringify({ file, scope, line: compiled, change, why: '' })}\n`);
  }
  const killed = results.length - survivors.length;
  const timeouts = results.filter(({ outcome }) => outcome === 'timeout').length;
  const percent = (100 * killed) / results.length;
  process.stdout.write(
    `\n${killed} of ${results.length} mutants killed (${percent.toFixed(1)} %, ${timeouts} by time) in ${seconds.toFixed(0)} s, ${cpuSeconds().toFixed(0)} s of CPU\n`,
  );
  for (const file of new Set(results.map(({ mutant }) => mutant.file))) {
    const own = results.filter(({ mutant }) => mutant.file === file);
    const dead = own.filter(({ outcome }) => outcome !== 'passed').length;
    process.stdout.write(`  ${String(dead).padStart(4)} of ${String(own.length).padStart(3)}  ${file}\n`);
  }
  if (percent < floor) {
    process.stdout.write(`less than ${floor} % were killed\n`);
    process.exitCode = 1;
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
      sample: { type: 'string', default: '300' },
      jobs: { type: 'string', default: '2' },
      file: { type: 'string', default: '' },
    },
  });
  const [seed, sample, jobs] = [Number(values.seed), Number(values.sample), Number(values.jobs)];
  const equivalents = JSON.parse(
    readFileSync(join(root, 'tools/mutants/equivalents.json'), 'utf8'),
  ) as readonly Equivalent[];
  const begun = performance.now();
  const all = targetFiles(values.file).flatMap((file): Mutant[] =>
    findMutations(readFileSync(join(root, 'dist', file), 'utf8')).map((mutation) => ({ file, ...mutation })),
  );
  const known = new Set(equivalents.map(identity));
  const mutants = draw(
    all.filter((mutant) => !known.has(identity(mutant))),
    sample,
    new Random(seed),
  );
  process.stdout.write(`seed ${seed}: ${mutants.length} of ${all.length} mutants, ${known.size} known as equivalent\n`);
  if (values.file === '') {
    const there = new Set(all.map(identity));
    for (const { file, line, change } of equivalents.filter((each) => !there.has(identity(each)))) {
      process.stdout.write(`equivalents.json names what is not there any more: ${file}: ${line}: ${change}\n`);
    }
  }
  const copies = Array.from({ length: jobs }, () => new ProjectCopy(root));
  const results: Result[] = [];
  process.once('SIGINT', () => {
    for (const copy of copies) copy.remove();
    if (results.length > 0) report(results, (performance.now() - begun) / 1000);
    process.exit(130);
  });
  try {
    const tests = await timeTests(findTests(join(root, 'dist')), copies);
    for (const { path, time } of tests) process.stdout.write(`  ${(time / 1000).toFixed(1)} s  ${path}\n`);
    const graph = new ImportGraph(join(root, 'dist'));
    await inParallel(mutants, copies, async (mutant, copy) => {
      const result = await tryMutant(mutant, testsOf(mutant.file, mutant.start, tests, graph), copy);
      results.push(result);
      process.stdout.write(result.outcome === 'passed' ? 'S' : '.');
    });
    report(results, (performance.now() - begun) / 1000);
  } finally {
    for (const copy of copies) copy.remove();
  }
}

await main();
