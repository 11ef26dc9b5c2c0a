// The whole suite, for tap to run as one file, without the hooks for coverage and mocks that tap loads into every
// Node.js below it: nothing here uses them, and they take longer than most of the files do. Most test files share a
// process (together.ts), and a few run at a time. At its end it prints which files took most of the CPU, and how long
// the processors had too little to do. `node dist/test/suite.js wire/ net/outbox` runs only the files whose paths begin
// so. `npm test` leaves out the long files, which `--long` runs alone; `--all` runs everything.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import t from 'tap';
import type { FileTime } from './support/cpu.js';
import { root } from './support/daemon.js';

/**
 * Seconds after which a file is ended, more where coverage is collected. The linter gets longer: it computes all the
 * time.
 */
const slower = process.env['NODE_V8_COVERAGE'] === undefined ? 1 : 3;
const fileSeconds = 120 * slower;
const lintSeconds = 300;

/**
 * Files that `npm test` leaves to `npm run test:long`, and why they take long. Most start programs by the dozen, and
 * kill, damage or starve them; `npm test` has smaller tests of the same promises. CI runs both.
 */
const long: Readonly<Record<string, string>> = {
  'bench/generator.test.js': 'runs whole benches',
  'daemon/audit.test.js': 'starts daemons with files for their audit log',
  'daemon/back-pressure.test.js': 'reads 90 MB from a daemon',
  'daemon/certificates.test.js': 'starts daemons with certificates that change',
  'daemon/check-config.test.js': 'starts salond for each mistake in the settings',
  'daemon/check-data.test.js': 'checks damaged data, also beside a daemon',
  'daemon/clock.test.js': 'lets seconds pass, on clocks that jump',
  'daemon/crowds.test.js': 'has thousands of members come and go',
  'daemon/encryption.test.js': 'starts daemons with certificates, and waits for deadlines of handshakes',
  'daemon/keepalive.test.js': 'lets a client be silent for 25 seconds',
  'daemon/memory.test.js': 'fills the memory budget of daemons',
  'daemon/passwords.test.js': 'makes hundreds of password hashes',
  'daemon/reload.test.js': 'starts daemons, and lets them read settings and certificates again',
  'daemon/settings.test.js': 'starts salond for each source of settings',
  'daemon/signals.test.js': 'sends each signal to a daemon',
  'daemon/slow-readers.test.js': 'waits for real deadlines of clients that read too slowly',
  'daemon/starting.test.js': 'starts daemons by the dozen',
  'daemon/stopping.test.js': 'stops daemons that have much to do',
  'daemon/stopping-idle.test.js': 'stops daemons with a thousand idle clients',
  'daemon/thread-pool.test.js': 'fills the thread pool of daemons',
  'documents/clients.test.js': 'compiles and runs the clients of the documents',
  'documents/contributing.test.js': 'compiles a copy of the program with a new command',
  'durability/faults.test.js': 'has system calls of daemons fail',
  'durability/full-disk-start.test.js': 'starts daemons on full disks',
  'durability/killed-records.test.js': 'kills daemons while they write every kind of record',
  'durability/power-loss.test.js': 'opens the data of some thirty losses of power',
  'eviction/lingering.test.js': 'waits for seconds while slow clients read their last lines',
  'eviction/random.test.js': 'evicts at random while a store waits and fails',
  'examples/arduino.test.js': 'waits for minutes that pass in a second, while a daemon is killed',
  'examples/sensor.test.js': 'kills a sensor and daemons by turns',
  'model/far.test.js': 'plays scenarios against two daemons',
  'model/seams.test.js': 'plays each scenario of a list several times',
  'operator/as-root.test.js': 'starts salonctl and the daemon some thirty times',
  'operator/follow-killed.test.js': 'kills daemons and salonctl, and starts them again',
  'operator/import.test.js': 'imports exports that are cut or changed anywhere',
  'operator/new-files.test.js': 'traces and ends salonctl while it writes files',
  'operator/password-input.test.js': 'types passwords into terminals',
  'operator/restore.test.js': 'restores backups, good and bad, and starts a daemon on each',
  'operator/restore-killed.test.js': 'kills a traced restore at a quarter of its system calls',
  'operator/salonctl-answers.test.js': 'starts salonctl for each of its answers',
  'operator/salonctl-output.test.js': 'starts salonctl some thirty times',
  'operator/salonctl-unreachable.test.js': 'waits for deadlines of daemons that do not answer',
  'ops/line-output.test.js': 'waits for writers that stand still',
  'store/crafted.test.js': 'opens, restores and exports some sixty damaged databases',
  'store/damage.test.js': 'damages a database at random places',
  'store/folder.test.js': 'starts a daemon on every folder',
  'store/folder-permissions.test.js': 'opens folders as other users',
  'store/kinds.test.js': 'puts every kind of file in the place of the data',
  'store/migrations-refused.test.js': 'converts damaged and large data of older versions',
  'systemd/activation.test.js': 'starts daemons with the sockets of a service manager',
  'systemd/system-calls.test.js': 'traces a daemon through all that it does',
};

/** Why other files take long. */
const slow: Readonly<Record<string, string>> = { ...long, 'lint.test.js': 'ESLint type-checks every file' };

/** Files that have a process of their own and are begun first, in this order. */
const first: readonly string[] = ['lint.test.js', 'daemon/slow-readers.test.js'];

/**
 * Files that share a process, by what they begin with, the longest groups first. Not in one: files that replace a
 * module before others load it (accounts/passwords), that measure time or memory of their process (bench/generator,
 * daemon/passwords, daemon/forgotten), and the slow ones. Those of one group that load much load the same.
 */
const together: Readonly<Record<string, readonly string[]>> = {
  damages: ['store/crafted', 'store/folder.test'],
  copies: [
    'operator/follow-killed',
    'operator/import',
    'operator/new-files',
    'operator/password-input',
    'operator/restore.test',
  ],
  operators: [
    'operator/operator',
    'operator/salonctl-answers',
    'operator/salonctl-command-line',
    'operator/salonctl-output',
    'operator/salonctl.test',
  ],
  disks: ['durability/'],
  users: ['operator/as-root', 'operator/restore-killed'],
  standing: ['daemon/back-pressure', 'operator/salonctl-unreachable', 'ops/line-output'],
  scenarios: ['model/community', 'model/far', 'model/interleaving'],
  evictions: ['eviction/connecting', 'eviction/lingering', 'eviction/random', 'eviction/rooms', 'eviction/states'],
  starts: [
    'daemon/check-config',
    'daemon/check-data',
    'daemon/control-socket',
    'daemon/settings',
    'daemon/starting',
    'store/folder-permissions',
    'store/kinds',
  ],
  ends: ['daemon/clock', 'daemon/signals', 'daemon/stopping'],
  strangers: ['clients/', 'daemon/certificates', 'daemon/encryption', 'daemon/reload', 'dialogues/'],
  loads: [
    'daemon/arrivals',
    'daemon/budgets',
    'daemon/crowds',
    'daemon/long-lines',
    'daemon/memory',
    'daemon/open-files',
    'daemon/thread-pool',
    'daemon/turns',
  ],
  keeping: ['model/seams', 'store/damage.test', 'store/far-store', 'store/sqlite'],
  systems: ['systemd/activation', 'systemd/log-files', 'systemd/system-calls', 'systemd/upgrade'],
  texts: ['session/', 'ops/settings', 'net/kernel-queues', 'net/listen-addresses', 'net/outbox', 'text/', 'wire/'],
  rules: [
    'accounts/backoff',
    'accounts/bans',
    'accounts/changed',
    'accounts/daily-counts',
    'accounts/hash-queue',
    'accounts/last-seen',
    'accounts/limits',
    'accounts/throttle',
    'chat/',
    'ip/',
  ],
  logs: [
    'daemon/in-process',
    'daemon/logs',
    'daemon/monitoring-places',
    'metrics/',
    'ops/log',
    'ops/memory-limit',
    'ops/repeated-events',
    'store/earlier-times',
    'store/followed-logs',
    'store/group-commit',
    'store/memory',
    'store/numbering',
    'store/run-format',
    'store/sums',
  ],
  connections: [
    'bench/floods',
    'eviction/opening',
    'fuzz/',
    'loop/',
    'net/admission',
    'net/arrivals',
    'net/connection',
    'net/flush-scheduler',
    'net/handshake-queue',
    'net/idle-connections',
    'net/memory-budget',
    'net/read-turns',
    'net/refused',
    'net/silent-guests',
    'net/stall-detector',
    'net/tls',
    'net/turn-scheduler',
    'turns/',
  ],
  stores: [
    'accounts/accounts',
    'daemon/health',
    'ops/audit-file',
    'store/checkpoint',
    'store/damage-alone',
    'store/export',
    'store/heads',
    'store/migrations',
    'systemd/notify',
    'systemd/sockets',
    'systemd/units',
    'systemd/watchdog',
  ],
  hosts: [
    'daemon/audit',
    'daemon/connection-limits',
    'daemon/deadlines',
    'daemon/names',
    'daemon/proxy',
    'daemon/request-limits',
    'daemon/tls',
    'operator/targets',
    'operator/two-operators',
  ],
  papers: [
    'architecture',
    'bench/chart',
    'bench/figures',
    'bench/flame',
    'docstrings',
    'documents/',
    'mutants/',
    'packages/',
  ],
};

interface Work {
  /** What is run: a test file, or together.js. */
  readonly program: string;
  readonly name: string;
  readonly files: readonly string[];
}

const { values: chosen, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean', default: false }, all: { type: 'boolean', default: false } },
});

/** Whether a file belongs to what was asked for: files that are named run, whatever they are. */
const isWanted = (file: string): boolean =>
  wanted.length > 0
    ? wanted.some((prefix) => file.startsWith(prefix))
    : chosen.all || chosen.long === Object.hasOwn(long, file);

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((each) => each.endsWith('.test.js'))
  // What the linter does is no part of src.
  .filter((each) => each !== 'lint.test.js' || process.env['NODE_V8_COVERAGE'] === undefined)
  .filter(isWanted)
  .sort();
const groups = Object.entries(together).map(([name, prefixes]): Work => {
  const members = files.filter((file) => prefixes.some((prefix) => file.startsWith(prefix)));
  return { program: 'together.js', name, files: members };
});
const grouped = new Set(groups.flatMap((group) => group.files));
if (grouped.size < groups.reduce((sum, group) => sum + group.files.length, 0)) throw new Error('a file in two groups');
const alone = (file: string): Work => ({ program: file, name: file, files: [file] });
const work = [
  ...first.filter((file) => files.includes(file)).map(alone),
  ...groups.filter((group) => group.files.length > 0),
  ...files.filter((file) => !first.includes(file) && !grouped.has(file)).map(alone),
];

const measures = mkdtempSync(join(tmpdir(), 'salond-test-'));
t.teardown(() => rmSync(measures, { recursive: true, force: true }));

/** When each process ended, in milliseconds of `performance.now`. */
const ends: number[] = [];

/** Runs files in one process, and fulfils with the time that each took. */
async function run({ program, name, files }: Work, index: number): Promise<readonly FileTime[]> {
  const [first = ''] = files;
  const seconds = first === 'lint.test.js' ? lintSeconds : fileSeconds;
  const measure = join(measures, String(index));
  const path = join(import.meta.dirname, program);
  const variables = [`TAP_TIMEOUT=${seconds}`, `SALOND_TEST_CPU=${measure}`];
  const group = program === first ? [] : [name];
  if (group.length > 0) variables.push(`SALOND_TEST_FILES=${files.join()}`);
  const node = [process.execPath, '--import', join(import.meta.dirname, 'support/cpu.js')];
  const command = ['-u', 'NODE_OPTIONS', ...variables, ...node, path, ...group];
  const shown = program === first ? relative(root, path) : `${name} (${files.length} files)`;
  const ended = t.spawn('env', command, {
    name: shown,
    cwd: root,
    buffered: true,
    timeout: seconds * files.length * 1000,
  });
  if (ended.subtest) noteFailures(ended.subtest.parser);
  await ended;
  // It may end without a failed assertion: by a signal, or before it has said how many tests it has.
  if (ended.subtest?.passing() === false && !failures.some((failure) => failure.startsWith(shown)))
    failures.push(shown);
  ends.push(performance.now());
  return timesIn(measure).map((time) => ({ ...time, file: time.file === '' ? name : time.file }));
}

type Parser = NonNullable<ReturnType<typeof t.spawn>['subtest']>['parser'];

/** The assertions that failed: titles from the outside to the inside, and where they stand. */
const failures: string[] = [];

function noteFailures(parser: Parser): void {
  parser.on('child', noteFailures);
  parser.on('assert', ({ ok, todo, skip, fullname, diag }) => {
    const { at } = (diag ?? {}) as { readonly at?: Place };
    // A subtest fails because of what failed inside it, which came before.
    const explained = failures.some((failure) => failure.startsWith(`${fullname} > `));
    if (!ok && !todo && !skip && !explained) failures.push(`${fullname}  ${at === undefined ? '' : sourceOf(at)}`);
  });
}

/** A place in a compiled file, counted from 1. */
interface Place {
  readonly fileName?: string;
  readonly lineNumber?: number;
  readonly columnNumber?: number;
}

/**
 * The file and line that a place was compiled from. The processes do not know it (`--enable-source-maps`): it takes
 * each of them a third of a second to read the maps of all that it loads.
 */
function sourceOf({ fileName = '', lineNumber = 1, columnNumber = 1 }: Place): string {
  const map = join(root, `${fileName}.map`);
  const compiled = `${fileName}:${lineNumber}`;
  if (!existsSync(map)) return compiled;
  const maps = new SourceMap(JSON.parse(readFileSync(map, 'utf8')) as SourceMapPayload);
  const origin = maps.findOrigin(lineNumber, columnNumber);
  if (!('fileName' in origin)) return compiled;
  return `${relative(root, join(dirname(map), origin.fileName))}:${origin.lineNumber}`;
}

/** What a process wrote of its times, nothing where it was killed. */
function timesIn(measure: string): readonly FileTime[] {
  try {
    return JSON.parse(readFileSync(measure, 'utf8')) as readonly FileTime[];
  } catch {
    return [];
  }
}

t.jobs = 4;
t.setTimeout(0);
const times = (await Promise.all(work.map(run))).flat();
const all = times.reduce((sum, { cpu }) => sum + cpu, 0);
t.comment(`${all.toFixed(0)} s of CPU. The files that took most of it, and how long they ran:`);
for (const { file, wall, cpu } of [...times].sort((a, b) => b.cpu - a.cpu).slice(0, 40)) {
  const name = file.replace(/\.js$/, '.ts');
  t.comment(`${cpu.toFixed(1).padStart(6)} s ${wall.toFixed(1).padStart(6)} s  ${name}  ${slow[file] ?? ''}`.trimEnd());
}
const [last = 0, former = last] = ends.sort((a, b) => b - a);
t.comment(`The last process was alone for ${((last - former) / 1000).toFixed(1)} s.`);
// A reader of a long output looks at its end first.
for (const failure of failures) t.comment(`failed: ${failure}`);
