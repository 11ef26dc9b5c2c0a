// Chooses the tests that are run against a mutant: those that import the changed file, the nearest first and then the
// quickest. All of them work in one process: a mutant is tried in a second or two, not in ten.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folders and files of test/ whose tests need no daemon of their own. */
const inProcess = [
  'test/session/',
  'test/chat/',
  'test/accounts/',
  'test/eviction/',
  'test/net/outbox.test.js',
  'test/store/memory.test.js',
  'test/store/group-commit',
];

/** Tests of the whole daemon in one process, and those files that are tried with them: they take seconds. */
const wide = { tests: 'test/eviction/', files: ['src/session/', 'src/chat/'] } as const;

/** A compiled test file, and the milliseconds that it takes without any mutant. */
export interface TimedTest {
  readonly path: string;
  readonly time: number;
}

/** Lists the compiled tests that may be run, relative to `dist`. */
export function findTests(dist: string): string[] {
  return readdirSync(join(dist, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path}`)
    .filter((path) => path.endsWith('.test.js') && inProcess.some((prefix) => path.startsWith(prefix)))
    .filter((path) => !readFileSync(join(dist, path), 'utf8').includes('startDaemon'))
    .sort();
}

/** Who imports whom among the compiled files of `dist`. */
export class ImportGraph {
  readonly #dist: string;
  readonly #imports = new Map<string, readonly string[]>();

  constructor(dist: string) {
    this.#dist = dist;
  }

  /** The number of import lines on the shortest way from one file to the other; Infinity where there is none. */
  distance(from: string, to: string): number {
    let frontier = new Set([from]);
    const seen = new Set(frontier);
    for (let steps = 0; frontier.size > 0; steps += 1) {
      if (frontier.has(to)) return steps;
      frontier = new Set([...frontier].flatMap((file) => this.#importsOf(file)).filter((file) => !seen.has(file)));
      for (const file of frontier) seen.add(file);
    }
    return Infinity;
  }

  #importsOf(file: string): readonly string[] {
    let imports = this.#imports.get(file);
    if (imports === undefined) {
      const text = readFileSync(join(this.#dist, file), 'utf8');
      imports = [...text.matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, path = '']) => join(dirname(file), path));
      this.#imports.set(file, imports);
    }
    return imports;
  }
}

/** Orders the tests that reach a file: the nearest first, and among equally near ones the quickest. */
export function testsOf(file: string, tests: readonly TimedTest[], graph: ImportGraph): TimedTest[] {
  const isWide = wide.files.some((prefix) => file.startsWith(prefix));
  return tests
    .filter(({ path }) => isWide || !path.startsWith(wide.tests))
    .map((test) => ({ test, distance: graph.distance(test.path, file) }))
    .filter(({ distance }) => distance < Infinity)
    .sort((a, b) => a.distance - b.distance || a.test.time - b.test.time)
    .map(({ test }) => test);
}
