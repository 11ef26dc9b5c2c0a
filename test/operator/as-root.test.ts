// Tests restores, imports and checks by root in the data folder of another user. That user may be hostile: root follows
// none of its links. Files that root creates there belong to the user, so that its daemon can start.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cheapPasswords, launcher, temporaryFolder } from '../support/daemon.js';
import { BadData } from '../../src/salonctl/errors.js';
import { restore } from '../../src/salonctl/backup.js';
import { exportAll, importAll } from '../../src/salonctl/export.js';
import { resultOfCheckData } from '../support/checks.js';
import { filledFolder, namesIn } from '../support/files.js';
import { salonctl, salonctlHere, type Ended } from '../support/salonctl.js';
import { skipUnlessPossible } from '../support/skip.js';

t.setTimeout(120_000);

const nobody = 65_534;
const skip = skipUnlessPossible(
  process.getuid?.() === 0 &&
    spawnSync(process.execPath, [launcher, '--version'], { uid: nobody, gid: nobody }).status === 0,
  'needs root, and a project that other users can read',
);
const noDaemon = (): never => {
  throw new Error('no daemon is needed');
};

interface Setup {
  /** A folder of root's that every user can read. */
  readonly outer: string;
  /** The data folder, which belongs to nobody. */
  readonly data: string;
  /** A backup that only root can read, in a folder that only root can enter. */
  readonly backup: string;
  readonly text: string;
  /** A file of root's that must not change. */
  readonly victim: string;
}

/** The backup and the export that are copied for each test. */
const origin = temporaryFolder(t);
const originBackup = await filledFolder(origin);
const originText = join(origin, 'export.jsonl');
await exportAll(originText, originBackup, noDaemon);

function prepare(t: Test): Setup {
  const outer = temporaryFolder(t);
  chmodSync(outer, 0o755);
  const [data, secret, victim] = [join(outer, 'data'), join(outer, 'secret'), join(outer, 'victim')];
  mkdirSync(data, { mode: 0o700 });
  chownSync(data, nobody, nobody);
  mkdirSync(secret, { mode: 0o700 });
  const [backup, text] = [join(secret, 'salond.db'), join(secret, 'export.jsonl')];
  copyFileSync(originBackup, backup);
  copyFileSync(originText, text);
  writeFileSync(victim, 'of root', { mode: 0o600 });
  return { outer, data, backup, text, victim };
}

/**
 * Asserts that everything in the folder belongs to nobody, that only nobody can read it, and that the victim is
 * unchanged.
 */
function assertNobodys(t: Test, { data, victim }: Setup): void {
  for (const name of readdirSync(data)) {
    const stats = lstatSync(join(data, name));
    t.equal(stats.uid, nobody, `${name} is nobody's`);
    if (stats.isFile()) t.equal(stats.mode & 0o077, 0, `${name} is for its owner`);
  }
  t.match(
    [readFileSync(victim, 'utf8'), statSync(victim).uid, statSync(victim).mode & 0o777],
    ['of root', 0, 0o600],
    'the victim is unchanged',
  );
}

/** Runs salonctl in this process, which is root's too, with the umask 0. */
async function withoutUmask(...args: readonly string[]): Promise<Ended> {
  const umask = process.umask(0);
  try {
    return await salonctlHere(args);
  } finally {
    process.umask(umask);
  }
}

/** Asserts that a daemon of the user nobody starts on the data. */
async function assertStarts(t: Test, data: string): Promise<void> {
  const child = spawn(process.execPath, [launcher, '--listen', '127.0.0.1:0', '--data', data], {
    uid: nobody,
    gid: nobody,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...cheapPasswords },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const ended = once(child, 'close');
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    if (text.includes('"ready"')) child.kill('SIGTERM');
  });
  await ended;
  t.match(text, /"event":"ready"/, 'the daemon starts as nobody');
}

t.test(
  "files that root creates in a user's data folder belong to the user, whether the command succeeds or fails",
  { skip },
  async (t) => {
    const place = prepare(t);
    const { outer, data, backup, text } = place;
    const damaged = join(outer, 'damaged.db');
    writeFileSync(damaged, readFileSync(backup));
    truncateSync(damaged, 20_000);
    writeFileSync(join(outer, 'half.jsonl'), readFileSync(text).subarray(0, 900));
    const as = { under: ['sh', '-c', 'umask 0; exec "$0" "$@"'] };
    t.match(await withoutUmask('restore', damaged, '--data', data), { status: 65 });
    assertNobodys(t, place);
    t.match(await withoutUmask('import', join(outer, 'half.jsonl'), '--data', data), { status: 65 });
    assertNobodys(t, place);
    await assertStarts(t, data);
    t.match(await withoutUmask('restore', backup, '--data', data), { status: 65, err: /is there already/ });
    assertNobodys(t, place);
    t.match(await salonctl(t, ['restore', backup, '--data', data, '--replace'], as), { status: 0 });
    assertNobodys(t, place);
    await assertStarts(t, data);
    t.match(
      spawnSync('sh', ['-c', 'umask 0; exec "$0" "$@"', process.execPath, launcher, '--check-data', data], {
        encoding: 'utf8',
      }),
      { status: 0, stderr: '' },
    );
    assertNobodys(t, place);
    truncateSync(join(data, 'salond.db'), 20_000);
    t.match(await resultOfCheckData(data), { status: 65 });
    assertNobodys(t, place);
    const other = join(data, 'below', 'it');
    t.match(
      await salonctl(t, ['import', text, '--data', other], as),
      { status: 0 },
      'the same holds for a new folder below',
    );
    t.strictSame([statSync(other).uid, statSync(other).mode & 0o777], [nobody, 0o700]);
    await assertStarts(t, other);
  },
);

t.test(
  "a salond that root starts on a user's data leaves no file there that the user can not open",
  { skip },
  async (t) => {
    const place = prepare(t);
    const child = spawn(process.execPath, [launcher, '--listen', '127.0.0.1:0', '--data', place.data], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '', SALOND_CONTROL_SOCKET: join(place.outer, 'control') },
    });
    t.teardown(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    for (const name of readdirSync(place.data))
      if (name.startsWith('salond.')) t.equal(lstatSync(join(place.data, name)).uid, nobody, name);
    await assertStarts(t, place.data);
  },
);

t.test(
  'no link in the folder is followed: its target is not read, not written, and does not change its owner',
  { skip },
  async (t) => {
    for (const name of [
      'salond.db-restored',
      'salond.db-new',
      'salond.lock',
      'salond.db',
      'salond.db-wal',
      'salond.db-unfinished-0123456789abcdef',
      'salond.db-restored-x',
    ]) {
      for (const command of ['restore', 'import', 'check'] as const) {
        const place = prepare(t);
        const { data, backup, text, victim } = place;
        symlinkSync(victim, join(data, name));
        spawnSync('chown', ['-h', `${nobody}:${nobody}`, join(data, name)]);
        // One name is tried with the programs, and the others in this process, which also runs as root.
        if (name === 'salond.db') {
          if (command === 'check') spawnSync(process.execPath, [launcher, '--check-data', data]);
          else if (command === 'import') await salonctl(t, ['import', text, '--data', data]);
          else await salonctl(t, ['restore', backup, '--data', data, '--replace']);
        } else {
          const work = {
            check: () => resultOfCheckData(data),
            import: () => importAll(text, data),
            restore: () => restore(backup, data, true),
          };
          // Most commands are refused, and some ignore the link.
          await work[command]().catch((error: unknown) => {
            if (!(error instanceof BadData)) throw error;
          });
          t.equal(process.geteuid?.(), 0);
        }
        t.comment(`${name} ${command}`);
        assertNobodys(t, place);
      }
    }
  },
);

t.test('root does not follow a link of the user as the data folder', { skip }, async (t) => {
  const place = prepare(t);
  const { outer, data, backup, text } = place;
  const [roots, link] = [join(outer, 'roots'), join(data, 'link')];
  mkdirSync(roots, { mode: 0o755 });
  symlinkSync(roots, link);
  spawnSync('chown', ['-h', `${nobody}:${nobody}`, link]);
  for (const folder of [link, join(link, 'new'), join(data, '..', 'data', 'link')]) {
    t.match(await salonctlHere(['restore', backup, '--data', folder]), { status: 65, err: /permission denied/ });
    t.match(await salonctlHere(['import', text, '--data', folder]), { status: 65, err: /permission denied/ });
  }
  t.strictSame(namesIn(roots), []);
  // Root's own links are followed.
  symlinkSync(data, join(outer, 'by-root'));
  t.match(await salonctl(t, ['restore', backup, '--data', join(outer, 'by-root')]), { status: 0 });
  assertNobodys(t, place);
});

t.test('a log beside the source is refused if it is a link or not the log of the source', { skip }, async (t) => {
  const { outer, data, backup, victim } = prepare(t);
  const source = join(data, 'old.db');
  writeFileSync(source, readFileSync(backup));
  chownSync(source, nobody, nobody);
  symlinkSync(victim, `${source}-wal`);
  t.match(await salonctlHere(['restore', source, '--data', data]), { status: 65, err: /old\.db-wal is a link/ });
  renameSync(`${source}-wal`, join(outer, 'away'));
  const log = Buffer.alloc(4096);
  log.writeUInt32BE(0x377f0682);
  writeFileSync(`${source}-wal`, log, { mode: 0o600 });
  t.match(await salonctlHere(['restore', source, '--data', data]), {
    status: 65,
    err: /old\.db-wal is not the log of/,
  });
});

t.test('commands do not wait for pipes with the names of data files', { skip }, async (t) => {
  for (const name of ['salond.db', 'salond.lock', 'salond.db-shm']) {
    const place = prepare(t);
    spawnSync('mkfifo', [join(place.data, name)]);
    chownSync(join(place.data, name), nobody, nobody);
    t.match(await resultOfCheckData(place.data), { status: 65 }, name);
    const args = ['restore', place.backup, '--data', place.data, '--replace'];
    // One name is tried with the program, and the others in this process.
    const restored = name === 'salond.db' ? salonctl(t, args, { under: ['timeout', '20'] }) : salonctlHere(args);
    t.type((await restored).status, 'number');
  }
});
