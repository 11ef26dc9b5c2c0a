// The whole suite, for tap to run as one file. Each test file is a process of its own, a few at a time, without the hooks
// for coverage and mocks that tap loads into every Node.js below it: nothing here uses them, and they take longer than
// most of the files do. At its end it prints which files took longest. `node dist/test/suite.js wire/ net/outbox` runs
// only the files whose paths begin so.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { root } from './support/daemon.js';

/** Seconds after which a file is ended, more where coverage is collected. The linter gets longer: it computes all the time. */
const slower = process.env['NODE_V8_COVERAGE'] === undefined ? 1 : 3;
const fileSeconds = 120 * slower;
const lintSeconds = 300;

/** Files that take more than ten seconds of a machine with nothing else to do, longest first, and why. They are begun first. */
const slow = new Map<string, string>([
  ['lint.test.js', 'ESLint type-checks every file'],
  ['operator/as-root.test.js', 'starts salonctl and the daemon some fifty times'],
  ['operator/restore-killed.test.js', 'kills a traced restore at each of its system calls'],
  ['daemon/slow-readers.test.js', 'waits for real deadlines of clients that read too slowly'],
  ['store/crafted.test.js', 'starts a daemon on each of some forty damaged folders'],
  ['operator/salonctl.test.js', 'runs salonctl once for every command'],
  ['operator/salonctl-unreachable.test.js', 'waits for deadlines of daemons that do not answer'],
  ['operator/salonctl-output.test.js', 'runs salonctl once for every output'],
  ['daemon/back-pressure.test.js', 'reads 60 MB from a daemon'],
  ['store/folder.test.js', 'starts two daemons on every folder'],
  ['ops/line-output.test.js', 'waits for writers that stand still'],
]);

const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((each) => each.endsWith('.test.js'))
  // What the linter does is no part of src.
  .filter((each) => each !== 'lint.test.js' || process.env['NODE_V8_COVERAGE'] === undefined)
  .filter((each) => wanted.length === 0 || wanted.some((prefix) => each.startsWith(prefix)))
  .sort();
const inOrder = [
  ...[...slow.keys()].filter((file) => files.includes(file)),
  ...files.filter((file) => !slow.has(file)),
];

/** Runs one file. Fulfils with the seconds that it took. */
async function run(file: string): Promise<{ readonly file: string; readonly seconds: number }> {
  const path = join(import.meta.dirname, file);
  const seconds = file === 'lint.test.js' ? lintSeconds : fileSeconds;
  const command = ['-u', 'NODE_OPTIONS', `TAP_TIMEOUT=${seconds}`, process.execPath, '--enable-source-maps', path];
  const options = { name: relative(root, path), cwd: root, buffered: true, timeout: seconds * 1000 };
  const ended = t.spawn('env', command, options);
  await ended;
  return { file, seconds: (ended.subtest?.time ?? 0) / 1000 };
}

t.jobs = 4;
t.setTimeout(0);
const times = await Promise.all(inOrder.map(run));
t.comment('The files that took longest:');
for (const { file, seconds } of times.sort((a, b) => b.seconds - a.seconds).slice(0, 12)) {
  t.comment(`${seconds.toFixed(1).padStart(6)} s  ${file.replace(/\.js$/, '.ts')}  ${slow.get(file) ?? ''}`.trimEnd());
}
