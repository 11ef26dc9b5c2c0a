// Which tests `npm run test:mutants` runs against a mutant: those that execute its place, the nearest first.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { Coverage } from '../../tools/mutants/coverage.js';
import { ImportGraph, testsOf } from '../../tools/mutants/tests.js';
import { temporaryFolder } from '../support/daemon.js';

type Range = readonly [startOffset: number, endOffset: number, count: number];

t.test('the innermost range around a place says whether it is executed, in any of the reports', async (t) => {
  const folder = temporaryFolder(t);
  const reports = join(folder, 'reports');
  t.equal(new Coverage(reports, join(folder, 'dist'), () => true).has('src/a.js'), false, 'there is no report');
  const report = (name: string, file: string, ...functions: readonly (readonly Range[])[]): void => {
    const ranges = functions.map((each) => ({
      ranges: each.map(([startOffset, endOffset, count]) => ({ startOffset, endOffset, count })),
    }));
    const result = [{ url: pathToFileURL(join(folder, 'dist', file)).href, functions: ranges }];
    writeFileSync(join(reports, `${name}.json`), JSON.stringify({ result }));
  };
  mkdirSync(reports);
  report('one', 'src/a.js', [[0, 100, 1]], [
    [20, 60, 3],
    [30, 40, 0],
  ] as const);
  report('two', 'src/a.js', [[0, 100, 1]], [[20, 60, 0]]);
  report('three', 'src/b.js', [[0, 100, 1]]);
  writeFileSync(join(reports, 'four.json'), JSON.stringify({ result: [{ url: 'node:fs', functions: [] }] }));
  const coverage = new Coverage(reports, join(folder, 'dist'), (file) => file === 'src/a.js');
  t.same(
    [0, 19, 20, 29, 30, 39, 40, 59, 60, 99, 100].map((at) => coverage.executes('src/a.js', at)),
    [true, true, true, true, false, false, true, true, true, true, false],
  );
  t.same([coverage.has('src/a.js'), coverage.has('src/b.js'), coverage.executes('src/b.js', 0)], [true, false, false]);
});

t.test('the nearest come first, then the quickest, and those of the complete daemon last', async (t) => {
  const dist = temporaryFolder(t);
  const imports: Readonly<Record<string, readonly string[]>> = {
    'src/a.js': [],
    'src/b.js': ["import a from './a.js';", "new Worker(new URL('./thread.js', import.meta.url));"],
    'src/thread.js': [],
    'test/chat/far.test.js': ["import b from '../../src/b.js';"],
    'test/chat/near.test.js': ["import a from '../../src/a.js';"],
    'test/chat/slow.test.js': ["import a from '../../src/a.js';"],
    'test/chat/other.test.js': ["import a from '../../src/a.js';"],
    'test/dialogues/all.test.js': ["import a from '../../src/a.js';"],
    'test/accounts/none.test.js': [],
  };
  for (const folder of ['src', 'test/chat', 'test/dialogues', 'test/accounts'])
    mkdirSync(join(dist, folder), { recursive: true });
  for (const [file, lines] of Object.entries(imports)) writeFileSync(join(dist, file), lines.join('\n'));
  const tests = Object.keys(imports)
    .filter((file) => file.startsWith('test/'))
    .map((path) => ({
      path,
      time: path.includes('slow') ? 9 : 1,
      coverage: {
        has: (file: string) => file !== 'src/thread.js' && !path.includes('none'),
        executes: (file: string, at: number) => file === 'src/a.js' && (at > 5 || !path.includes('other')),
      },
    }));
  const graph = new ImportGraph(dist);
  const chosen = (file: string, at: number): readonly string[] =>
    testsOf(file, at, tests, graph).map(({ path }) => /(\w+)\.test/.exec(path)?.[1] ?? path);
  t.same(chosen('src/a.js', 5), ['near', 'slow', 'far', 'all']);
  t.same(chosen('src/a.js', 6), ['near', 'other', 'slow', 'far', 'all']);
  t.same(chosen('src/b.js', 5), []);
  t.same(chosen('src/thread.js', 5), ['far'], 'of a thread there is no report');
});
