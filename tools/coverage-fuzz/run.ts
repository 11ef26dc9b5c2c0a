// `npm run fuzz:coverage -- [TARGET] [SECONDS] [SEED]`: gives one of the parsers (test/fuzz/targets.ts; all of them, one after the
// other, unless told) whatever makes it run branches that have not run before, starting from its corpus, which grows by what is
// found. Exits 1 with the input that something does not hold for.
import { join } from 'node:path';
import { readCorpus, writeCorpus } from '../../test/fuzz/corpus.js';
import { Random } from '../../test/fuzz/random.js';
import { targets, type Target } from '../../test/fuzz/targets.js';
import { root } from '../../test/support/daemon.js';
import { Coverage } from './coverage.js';
import { mutated } from './mutate.js';

/** Inputs between two looks at the coverage, which cost more than to run them: one by one only where some of them brought something. */
const batch = 32;

class Hunt {
  readonly #target: Target['run'];
  readonly #coverage: Coverage;
  readonly #seen = new Set<string>();
  readonly corpus: Buffer[] = [];
  inputs = 0;

  constructor(target: Target['run'], coverage: Coverage) {
    this.#target = target;
    this.#coverage = coverage;
  }

  get branches(): number {
    return this.#seen.size;
  }

  #run(input: Buffer): void {
    this.inputs += 1;
    try {
      this.#target(input);
    } catch (error) {
      throw new Error(
        `${JSON.stringify(input.toString('latin1'))}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }

  /** What of it ran for the first time, or more often than ever. */
  #news(input: Buffer): string[] {
    this.#coverage.take();
    this.#run(input);
    return this.#coverage.take().filter((branch) => !this.#seen.has(branch));
  }

  /** Runs the input and keeps it, as short as it may be, if it went where none had gone. */
  judge(input: Buffer): void {
    const news = this.#news(input);
    if (news.length === 0) return;
    const kept = this.#shortened(input, news);
    this.corpus.push(kept);
    for (const branch of this.#news(kept)) this.#seen.add(branch);
  }

  /** The input without whatever it can do without and still bring the same news. */
  #shortened(input: Buffer, news: readonly string[]): Buffer {
    let kept = input;
    for (let length = kept.length >> 1; length > 0; length >>= 1) {
      for (let at = kept.length - length; at >= 0; at -= length) {
        const shorter = Buffer.concat([kept.subarray(0, at), kept.subarray(at + length)]);
        const its = new Set(this.#news(shorter));
        if (news.every((branch) => its.has(branch))) kept = shorter;
      }
    }
    return kept;
  }

  /** Runs them all, and judges each only if together they went where none had gone, or more often. */
  try(inputs: readonly Buffer[]): void {
    this.#coverage.take();
    for (const input of inputs) this.#run(input);
    if (this.#coverage.take().some((branch) => !this.#seen.has(branch))) for (const input of inputs) this.judge(input);
  }
}

function hunt(name: string, { run, seeds }: Target, seconds: number, seed: number): void {
  const random = new Random(seed);
  const found = new Hunt(run, new Coverage(join(root, 'dist/src/wire/')));
  // The short ones first: what a long one adds to them is why it is kept.
  const known = [...readCorpus(name), ...seeds.map((seed) => Buffer.from(seed, 'latin1'))];
  for (const input of known.sort((one, other) => one.length - other.length)) found.judge(input);
  const before = found.branches;
  const end = performance.now() + seconds * 1000;
  const pick = (): Buffer => found.corpus[random.below(found.corpus.length)] ?? Buffer.alloc(0);
  while (performance.now() < end) found.try(Array.from({ length: batch }, () => mutated(random, pick(), pick())));
  writeCorpus(name, found.corpus);
  console.log(
    `${name}: ${found.inputs.toLocaleString('en')} inputs, ${found.branches} branches (${before} before), ${found.corpus.length} inputs kept`,
  );
}

const [name = 'all', seconds = '60', seed = String(Date.now() % 2 ** 32)] = process.argv.slice(2);
const chosen = Object.entries(targets).filter(([each]) => name === 'all' || each === name);
if (chosen.length === 0 || !Number.isFinite(Number(seconds)) || !Number.isSafeInteger(Number(seed))) {
  console.error(`usage: npm run fuzz:coverage -- [all|${Object.keys(targets).join('|')}] [SECONDS] [SEED]`);
  process.exit(2);
}
console.log(`seed ${seed}`);
try {
  for (const [each, target] of chosen) hunt(each, target, Number(seconds), Number(seed));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
