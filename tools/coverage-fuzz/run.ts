// `npm run fuzz:coverage -- [TARGET] [SECONDS] [SEED]`: fuzzes one of the parsers in test/fuzz/targets.ts, or all of
// them in turn. It mutates inputs of the parser's corpus, and adds each input that runs new branches to the corpus. If
// a target's check fails, it prints the input and exits with 1.
import { join } from 'node:path';
import { readCorpus, writeCorpus } from '../../test/fuzz/corpus.js';
import { Random } from '../../test/fuzz/random.js';
import { targets, type ParserTarget } from '../../test/fuzz/targets.js';
import { root } from '../../test/support/daemon.js';
import { Coverage } from './coverage.js';
import { mutated } from './mutate.js';

/** Inputs that run between two reads of the coverage, which take longer than the inputs. */
const batch = 32;

/** Searches for inputs that run new branches of one target. */
class Search {
  readonly #target: ParserTarget['run'];
  readonly #coverage: Coverage;
  readonly #seen = new Set<string>();
  readonly corpus: Buffer[] = [];
  inputs = 0;

  constructor(target: ParserTarget['run'], coverage: Coverage) {
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

  /** Runs the input. Returns the branches that ran for the first time, or more often than ever. */
  #newBranches(input: Buffer): string[] {
    this.#coverage.take();
    this.#run(input);
    return this.#coverage.take().filter((branch) => !this.#seen.has(branch));
  }

  /** Runs the input, and adds it, shortened, to the corpus if it ran new branches. */
  judge(input: Buffer): void {
    const found = this.#newBranches(input);
    if (found.length === 0) return;
    const kept = this.#shortened(input, found);
    this.corpus.push(kept);
    for (const branch of this.#newBranches(kept)) this.#seen.add(branch);
  }

  /** Returns the input without the parts that are not needed to run all of those branches. */
  #shortened(input: Buffer, branches: readonly string[]): Buffer {
    let kept = input;
    for (let length = kept.length >> 1; length > 0; length >>= 1) {
      for (let at = kept.length - length; at >= 0; at -= length) {
        const shorter = Buffer.concat([kept.subarray(0, at), kept.subarray(at + length)]);
        const left = new Set(this.#newBranches(shorter));
        if (branches.every((branch) => left.has(branch))) kept = shorter;
      }
    }
    return kept;
  }

  /** Runs the inputs, and judges each of them only if together they ran new branches. */
  try(inputs: readonly Buffer[]): void {
    this.#coverage.take();
    for (const input of inputs) this.#run(input);
    if (this.#coverage.take().some((branch) => !this.#seen.has(branch))) for (const input of inputs) this.judge(input);
  }
}

function search(name: string, { run, seeds }: ParserTarget, seconds: number, seed: number): void {
  const random = new Random(seed);
  const found = new Search(run, new Coverage(join(root, 'dist/src/wire/')));
  // Short inputs come first, so that a long one is added only for the branches that it adds.
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
  for (const [each, target] of chosen) search(each, target, Number(seconds), Number(seed));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
