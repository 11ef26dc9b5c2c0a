// Chooses the tests that are run against a mutant: those that import the changed file, the nearest first and then the
// quickest, and the tests of the complete daemon last. All of them run in one process, so that a mutant takes one or
// two seconds, not ten.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The beginnings of the paths of tests that start no daemon process. */
const inProcess = [
  'test/session/',
  'test/chat/',
  'test/accounts/',
  'test/net/outbox.test.js',
  'test/store/memory.test.js',
  'test/store/group-commit',
  'test/store/batch-builder',
  'test/store/followed-logs',
  'test/store/numbering',
];

/** Tests of the complete daemon in one process, which take seconds, and the files that are tried with them. */
const wide = {
  tests: [
    'test/dialogues/',
    'test/model/private',
    'test/model/community',
    'test/daemon/rooms',
    'test/daemon/presence',
    'test/daemon/request-limits',
    'test/eviction/states',
    'test/eviction/random',
    'test/eviction/rooms',
    'test/model/far.test.js',
  ],
  files: ['src/session/', 'src/chat/', 'src/store/', 'src/accounts/'],
} as const;

/** A compiled test file, and the milliseconds that it takes without a mutant. */
export interface TimedTest {
  readonly path: string;
  readonly time: number;
}

/** Lists the compiled tests that may be run, relative to `dist`. */
export function findTests(dist: string): string[] {
  return readdirSync(join(dist, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path}`)
    .filter(
      (path) => path.endsWith('.test.js') && (isWide(path) || inProcess.some((prefix) => path.startsWith(prefix))),
    )
    .filter((path) => !readFileSync(join(dist, path), 'utf8').includes('startDaemon'))
    .sort();
}

/** Whether it is a test of the complete daemon. */
function isWide(test: string): boolean {
  return wide.tests.some((prefix) => test.startsWith(prefix));
}

/** The imports among the compiled files of `dist`. */
export class ImportGraph {
  readonly #dist: string;
  readonly #imports = new Map<string, readonly string[]>();

  constructor(dist: string) {
    this.#dist = dist;
  }

  /** The length of the shortest chain of imports from one file to the other; Infinity if there is none. */
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

/**
 * The tests that reach a file, in the order in which they are run: the nearest first, equally near ones by their time,
 * and the wide ones last.
 */
export function testsOf(file: string, tests: readonly TimedTest[], graph: ImportGraph): TimedTest[] {
  const takesWide = wide.files.some((prefix) => file.startsWith(prefix));
  return tests
    .map((test) => ({ test, isLast: isWide(test.path), distance: graph.distance(test.path, file) }))
    .filter(({ isLast, distance }) => distance < Infinity && (takesWide || !isLast))
    .sort(
      (a, b) =>
        Number(a.isLast) - Number(b.isLast) || (a.isLast ? 0 : a.distance - b.distance) || a.test.time - b.test.time,
    )
    .map(({ test }) => test);
}
