// Chooses the tests that are run against a mutant: those that execute the changed code, the nearest first and then the
// quickest, and the tests of the complete daemon last. All of them run in one process, so that a mutant takes one or
// two seconds, not ten.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Coverage } from './coverage.js';

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

/** Tests of the complete daemon in one process, which take seconds. */
const wide = [
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
];

/** A compiled test file, the milliseconds that it takes without a mutant, and what it executes. */
export interface TimedTest {
  readonly path: string;
  readonly time: number;
  readonly coverage: Pick<Coverage, 'has' | 'executes'>;
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
  return wide.some((prefix) => test.startsWith(prefix));
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
      // A thread's file is named by its URL.
      const named = text.matchAll(/(?:from |import\(|new URL\()'(\.[^']+)'/g);
      imports = [...named].map(([, path = '']) => join(dirname(file), path));
      this.#imports.set(file, imports);
    }
    return imports;
  }
}

/**
 * The tests that execute a place of a file, in the order in which they are run: the nearest first, equally near ones by
 * their time, and the wide ones last. Of a file that no test reports, because it is a thread's, which ends without a
 * report, they are those that reach it.
 */
export function testsOf(file: string, offset: number, tests: readonly TimedTest[], graph: ImportGraph): TimedTest[] {
  const isReported = tests.some(({ coverage }) => coverage.has(file));
  return tests
    .filter(({ coverage }) => !isReported || coverage.executes(file, offset))
    .map((test) => ({ test, isLast: isWide(test.path), distance: graph.distance(test.path, file) }))
    .filter(({ distance }) => distance < Infinity)
    .sort(
      (a, b) =>
        Number(a.isLast) - Number(b.isLast) || (a.isLast ? 0 : a.distance - b.distance) || a.test.time - b.test.time,
    )
    .map(({ test }) => test);
}
