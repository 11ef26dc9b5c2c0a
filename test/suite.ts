// The whole suite, for tap to run as one file. Most test files are a process of their own, a few at a time, without the hooks
// for coverage and mocks that tap loads into every Node.js below it: nothing here uses them, and they take longer than
// most of the files do. Small files share one (together.ts). At its end it prints which files took
// most of the CPU. `node dist/test/suite.js wire/ net/outbox` runs only the files whose paths begin so.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import t from 'tap';
import { root } from './support/daemon.js';

/** Seconds after which a file is ended, more where coverage is collected. The linter gets longer: it computes all the time. */
const slower = process.env['NODE_V8_COVERAGE'] === undefined ? 1 : 3;
const fileSeconds = 120 * slower;
const lintSeconds = 300;

/** Files that take more than five seconds of CPU, or wait for long, and why. They are begun first, in this order. */
const slow = new Map<string, string>([
  ['lint.test.js', 'ESLint type-checks every file'],
  ['operator/as-root.test.js', 'starts salonctl and the daemon some thirty times'],
  ['operator/restore-killed.test.js', 'kills a traced restore at a quarter of its system calls'],
  ['daemon/slow-readers.test.js', 'waits for real deadlines of clients that read too slowly'],
  ['store/crafted.test.js', 'opens, restores and exports some sixty damaged databases'],
  ['operator/salonctl.test.js', 'runs salonctl once for every command'],
  ['operator/salonctl-unreachable.test.js', 'waits for deadlines of daemons that do not answer'],
  ['operator/salonctl-output.test.js', 'runs salonctl once for every output'],
  ['daemon/back-pressure.test.js', 'reads 160 MB from a daemon'],
  ['store/folder.test.js', 'starts a daemon on every folder'],
  ['ops/line-output.test.js', 'waits for writers that stand still'],
]);

/**
 * Files that share a process, by what they begin with. They change nothing of their own one, but for the umask: those that
 * host daemons have it as the daemon has it, and are together.
 */
const together: Readonly<Record<string, readonly string[]>> = {
  rules: [
    'accounts/backoff',
    'accounts/bans',
    'accounts/changed',
    'accounts/limits',
    'accounts/throttle',
    'chat/',
    'ip/',
  ],
  texts: ['text/', 'wire/'],
  sessions: ['session/', 'ops/settings', 'net/kernel-queues', 'net/listen-addresses', 'net/outbox'],
  logs: [
    'store/earlier-times',
    'store/followed-logs',
    'store/group-commit',
    'store/memory',
    'store/numbering',
    'store/run-format',
    'store/sums',
  ],
  connections: ['net/connection', 'net/refused', 'net/stall-detector', 'net/tls', 'eviction/opening', 'fuzz/corpus'],
  stores: [
    'accounts/accounts',
    'daemon/health',
    'ops/audit-file',
    'store/export',
    'store/heads',
    'store/migrations-refused',
  ],
  databases: [
    'store/checkpoint',
    'store/damage-alone',
    'store/migrations',
    'systemd/notify',
    'systemd/sockets',
    'systemd/units',
    'systemd/watchdog',
  ],
  hosts: ['daemon/names', 'daemon/proxy', 'daemon/request-limits', 'operator/targets', 'operator/two-operators'],
  waiting: ['daemon/audit', 'daemon/connection-limits', 'daemon/deadlines', 'daemon/tls'],
  papers: [
    'docstrings',
    'documents/clients',
    'documents/dependencies',
    'documents/limits',
    'documents/man',
    'documents/operating',
    'documents/protocol',
    'documents/readme',
    'packages/',
  ],
  sources: ['architecture', 'bench/chart', 'bench/figures', 'bench/flame', 'documents/validator', 'mutants/'],
};

interface Work {
  /** What is run: a test file, or together.js. */
  readonly program: string;
  readonly name: string;
  readonly files: readonly string[];
}

const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((each) => each.endsWith('.test.js'))
  // What the linter does is no part of src.
  .filter((each) => each !== 'lint.test.js' || process.env['NODE_V8_COVERAGE'] === undefined)
  .filter((each) => wanted.length === 0 || wanted.some((prefix) => each.startsWith(prefix)))
  .sort();
const groups = Object.entries(together).map(([name, prefixes]): Work => {
  const members = files.filter((file) => prefixes.some((prefix) => file.startsWith(prefix)));
  return { program: 'together.js', name, files: members };
});
const grouped = new Set(groups.flatMap((group) => group.files));
const alone = [...slow.keys(), ...files.filter((file) => !slow.has(file))]
  .filter((file) => files.includes(file) && !grouped.has(file))
  .map((file): Work => ({ program: file, name: file.replace(/\.js$/, '.ts'), files: [file] }));
const work = [...alone.slice(0, slow.size), ...groups, ...alone.slice(slow.size)].filter(
  (each) => each.files.length > 0,
);

const measures = mkdtempSync(join(tmpdir(), 'salond-test-'));
t.teardown(() => rmSync(measures, { recursive: true, force: true }));

interface Time {
  readonly name: string;
  readonly why: string;
  /** Seconds: of the clock, and of all processors, as far as it is known. */
  readonly wall: number;
  readonly cpu: number;
}

/** Runs files in one process, and fulfils with the time that it took. */
async function run({ program, name, files }: Work, index: number): Promise<Time> {
  const [first = ''] = files;
  const seconds = first === 'lint.test.js' ? lintSeconds : fileSeconds;
  const measure = join(measures, String(index));
  const path = join(import.meta.dirname, program);
  const variables = [`TAP_TIMEOUT=${seconds}`, `SALOND_TEST_CPU=${measure}`];
  const group = program === first ? [] : [name];
  if (group.length > 0) variables.push(`SALOND_TEST_FILES=${files.join()}`);
  const node = [process.execPath, '--enable-source-maps', '--import', join(import.meta.dirname, 'support/cpu.js')];
  const command = ['-u', 'NODE_OPTIONS', ...variables, ...node, path, ...group];
  const shown = program === first ? relative(root, path) : `${name} (${files.length} files)`;
  const ended = t.spawn('env', command, { name: shown, cwd: root, buffered: true, timeout: seconds * 1000 });
  if (ended.subtest) noteFailures(ended.subtest.parser);
  await ended;
  // It may end without a failed assertion: by a signal, or before it has said how many tests it has.
  if (ended.subtest?.passing() === false && !failures.some((failure) => failure.startsWith(shown)))
    failures.push(shown);
  return { name, why: slow.get(first) ?? '', wall: (ended.subtest?.time ?? 0) / 1000, cpu: secondsIn(measure) };
}

type Parser = NonNullable<ReturnType<typeof t.spawn>['subtest']>['parser'];

/** The assertions that failed: titles from the outside to the inside, and where they stand. */
const failures: string[] = [];

function noteFailures(parser: Parser): void {
  parser.on('child', noteFailures);
  parser.on('assert', ({ ok, todo, skip, fullname, diag }) => {
    const { at } = (diag ?? {}) as { readonly at?: { readonly fileName?: string; readonly lineNumber?: number } };
    // A subtest fails because of what failed inside it, which came before.
    const explained = failures.some((failure) => failure.startsWith(`${fullname} > `));
    if (!ok && !todo && !skip && !explained)
      failures.push(`${fullname}  ${at?.fileName ?? ''}:${at?.lineNumber ?? ''}`);
  });
}

/** What a process wrote of its CPU, 0 where it was killed. */
function secondsIn(measure: string): number {
  try {
    return Number(readFileSync(measure, 'utf8'));
  } catch {
    return 0;
  }
}

t.jobs = 4;
t.setTimeout(0);
const times = await Promise.all(work.map(run));
const all = times.reduce((sum, { cpu }) => sum + cpu, 0);
t.comment(`${all.toFixed(0)} s of CPU. The files that took most of it, and how long they ran:`);
for (const { name, why, wall, cpu } of times.sort((a, b) => b.cpu - a.cpu).slice(0, 25)) {
  t.comment(`${cpu.toFixed(1).padStart(6)} s ${wall.toFixed(1).padStart(6)} s  ${name}  ${why}`.trimEnd());
}
// A reader of a long output looks at its end first.
for (const failure of failures) t.comment(`failed: ${failure}`);
