// Tests that a backup or an export has its name only when it is complete: with two runs for one name, a signal,
// SIGKILL, a link of that name, and a file system without hard links. Only the owner can read the temporary files, and
// they do not stay.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ControlConnection } from '../../src/salonctl/control-connection.js';
import { FileError } from '../../src/salonctl/errors.js';
import { backUp } from '../../src/salonctl/backup.js';
import { exportAll, importAll } from '../../src/salonctl/export.js';
import { writeAll } from '../../src/salonctl/new-file.js';
import { temporaryFolder } from '../support/daemon.js';
import { filledDaemon, filledFolder, namesIn } from '../support/files.js';
import { salonctl, starting } from '../support/salonctl.js';
import { noPrograms } from '../support/programs.js';

t.setTimeout(120_000);

/** In `npm run test:slow` every signal ends every command. */
const isFull = process.env['SALOND_TEST_SIZES'] === 'full';

const noDaemon = (): never => {
  throw new Error('no daemon is needed');
};
const modeOf = (path: string): number => lstatSync(path).mode & 0o777;

interface FakeDaemon {
  readonly socket: string;
  /** Ends the wait: the rest of every backup is sent, now and later. */
  readonly release: () => void;
  /** Waits until that many backups have begun. */
  begun(count: number): Promise<void>;
}

/** A daemon that sends half a backup and then waits. */
async function fakeDaemon(t: Test, backup: string): Promise<FakeDaemon> {
  const bytes = readFileSync(backup);
  const socket = join(temporaryFolder(t), 'control');
  let isHeld = true;
  let count = 0;
  const waiting = new Set<() => void>();
  const listeners = new Set<() => void>();
  const piece = (from: number, to: number): string =>
    `200\t${JSON.stringify({ data: bytes.toString('base64', from, to) })}\n`;
  const half = Math.floor(bytes.length / 2);
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.on('data', () => {
      connection.write(piece(0, 20_000));
      for (let at = 20_000; at < half; at += 20_000) connection.write(piece(at, Math.min(half, at + 20_000)));
      const finish = (): void => {
        for (let at = half; at < bytes.length; at += 20_000) connection.write(piece(at, at + 20_000));
        connection.write(
          `1\t${JSON.stringify({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })}\n`,
        );
      };
      if (isHeld) waiting.add(finish);
      else finish();
      count += 1;
      for (const notify of listeners) notify();
    });
  });
  server.listen(socket);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return {
    socket,
    release: () => {
      isHeld = false;
      for (const finish of waiting) finish();
    },
    begun: async (wanted) => {
      while (count < wanted) await new Promise<void>((notify) => listeners.add(notify));
    },
  };
}

/** Waits until the folder has a file. Fulfils with the names in it. */
async function firstFile(folder: string): Promise<readonly string[]> {
  for (;;) {
    const names = namesIn(folder) ?? [];
    if (names.length > 0) return names;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

for (const command of ['backup', 'export'] as const) {
  t.test(
    `of two runs of ${command} for one name, one creates the file, the other fails, and nothing else stays`,
    async (t) => {
      const fake = await fakeDaemon(t, await filledFolder(temporaryFolder(t), 200));
      const folder = temporaryFolder(t);
      const file = join(folder, 'file');
      const runs = [1, 2].map(() => starting(t, ['--json', command, file], { socket: fake.socket }));
      await fake.begun(2);
      t.notOk(existsSync(file), 'no file has the name before it is complete');
      for (const name of namesIn(folder) ?? []) t.equal(modeOf(join(folder, name)), 0o600, name);
      fake.release();
      const ends = await Promise.all(runs.map(({ ended }) => ended));
      t.strictSame(ends.map(({ status }) => status).sort(), [0, 73]);
      t.match(ends.find(({ status }) => status === 73)?.err, /is there already/);
      t.strictSame(namesIn(folder), ['file']);
      t.equal(modeOf(file), 0o600);
      const said = JSON.parse(ends.find(({ status }) => status === 0)?.out ?? '') as {
        readonly bytes?: number;
        readonly lines?: number;
      };
      if (command === 'backup') t.equal(statSync(file).size, said.bytes);
      else t.equal(readFileSync(file, 'utf8').split('\n').length - 1, said.lines);
    },
  );

  t.test(`a killed run of ${command} does not damage another run for the same name`, async (t) => {
    const fake = await fakeDaemon(t, await filledFolder(temporaryFolder(t), 200));
    const folder = temporaryFolder(t);
    const file = join(folder, 'file');
    const [one, other] = [1, 2].map(() => starting(t, ['--json', command, file], { socket: fake.socket }));
    await fake.begun(2);
    other?.child.kill('SIGKILL');
    await other?.ended;
    fake.release();
    const end = await one?.ended;
    t.equal(end?.status, 0);
    const { bytes, lines } = JSON.parse(end?.out ?? '') as { readonly bytes?: number; readonly lines?: number };
    t.equal(
      command === 'backup' ? statSync(file).size : readFileSync(file, 'utf8').split('\n').length - 1,
      bytes ?? lines,
    );
  });

  t.test(
    `${command} leaves no files when a signal ends it, and the next run removes those that SIGKILL leaves`,
    async (t) => {
      const fake = await fakeDaemon(t, await filledFolder(temporaryFolder(t), 200));
      const folder = temporaryFolder(t);
      const file = join(folder, 'file');
      const signals =
        command === 'backup' || isFull ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const) : (['SIGTERM'] as const);
      for (const [index, signal] of signals.entries()) {
        const { child, ended } = starting(t, [command, file], { socket: fake.socket });
        await fake.begun(index + 1);
        await firstFile(folder);
        child.kill(signal);
        t.match(await ended, { status: null, signal });
        t.strictSame(namesIn(folder), [], signal);
      }
      const { child, ended } = starting(t, [command, file], { socket: fake.socket });
      await fake.begun(signals.length + 1);
      await firstFile(folder);
      child.kill('SIGKILL');
      await ended;
      const left = namesIn(folder) ?? [];
      t.ok(left.length > 0);
      for (const name of left) t.equal(modeOf(join(folder, name)), 0o600, name);
      writeFileSync(join(folder, 'file.partial-notes'), 'mine');
      fake.release();
      t.match(await salonctl(t, [command, file], { socket: fake.socket }), { status: 0 });
      t.strictSame(namesIn(folder), ['file', 'file.partial-notes']);
    },
  );
}

t.test('an existing file or link of that name is not changed, even if the link is dangling', async (t) => {
  const folder = temporaryFolder(t);
  const backup = await filledFolder(join(folder, 'origin'));
  const names = ['there', 'link', 'dangling', 'folder'].map((name) => join(folder, name));
  writeFileSync(join(folder, 'there'), 'mine');
  symlinkSync('there', join(folder, 'link'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  symlinkSync('origin', join(folder, 'folder'));
  for (const name of names)
    await t.rejects(exportAll(name, backup, noDaemon), new FileError(`${name} is there already`));
  t.equal(readFileSync(join(folder, 'there'), 'utf8'), 'mine');
  t.strictSame(namesIn(folder), ['dangling', 'folder', 'link', 'origin', 'there']);
  await t.rejects(exportAll(join(folder, 'no', 'file'), backup, noDaemon), {
    message: `${join(folder, 'no', 'file')} can't be made: no such file or directory`,
  });
  await t.rejects(exportAll('', backup, noDaemon), { message: 'the name of the file is empty' });
});

t.test(
  'on a file system without hard links the file is created too, and no existing file is replaced',
  { skip: noPrograms('strace') },
  async (t) => {
    const folder = temporaryFolder(t);
    const backup = await filledFolder(join(folder, 'origin'));
    const under = [
      'strace',
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      'trace=link,linkat',
      '-e',
      'inject=link,linkat:error=EPERM',
    ];
    const file = join(folder, 'file');
    t.match(await salonctl(t, ['--json', 'export', file, '--from', backup], { under }), {
      status: 0,
      out: /"lines":61}/,
    });
    t.equal(readFileSync(file, 'utf8').split('\n').length - 1, 61);
    t.match(await salonctl(t, ['--json', 'export', file, '--from', backup], { under }), { status: 73 });
    t.strictSame(namesIn(folder), ['file', 'origin']);
  },
);

/** Reads from a pipe without waiting. Returns the number of bytes, which may be 0. */
function readSome(file: number): number {
  try {
    return readSync(file, Buffer.alloc(65_536));
  } catch {
    return 0;
  }
}

t.test('an export to a descriptor has the same bytes, and a reader that has gone is reported', async (t) => {
  const folder = temporaryFolder(t);
  const backup = await filledFolder(join(folder, 'origin'));
  t.match(await exportAll(join(folder, 'file'), backup, noDaemon), { lines: 61 });
  const out = openSync(join(folder, 'out'), 'wx');
  t.strictSame(await exportAll(out, backup, noDaemon), { lines: 61 });
  closeSync(out);
  t.ok(readFileSync(join(folder, 'out')).equals(readFileSync(join(folder, 'file'))));
  const back = openSync(join(folder, 'out'), 'r');
  t.match(await importAll(back, join(folder, 'data')), { messages: 51 });
  // Writing waits for the reader of a full pipe, and fails when the reader is gone.
  const pipe = join(folder, 'pipe');
  spawnSync('mkfifo', [pipe]);
  const reading = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const writing = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  t.teardown(() => closeSync(writing));
  // Full, then read, then closed.
  const piece = Buffer.alloc(200_000);
  const written = writeAll(writing, piece);
  let read = 0;
  while (read < piece.length) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
    read += readSome(reading);
  }
  await written;
  closeSync(reading);
  await t.rejects(writeAll(writing, piece), { message: /nobody reads what is written/ });
});

t.test('a backup of a running daemon is checked before it gets its name', async (t) => {
  const daemon = await filledDaemon(t);
  const socket = await daemon.control();
  const folder = temporaryFolder(t);
  t.match(
    await salonctl(t, ['backup', join(folder, 'good')], { socket, under: ['sh', '-c', 'umask 0; exec "$0" "$@"'] }),
    { status: 0 },
  );
  t.equal(modeOf(join(folder, 'good')), 0o600);
  const damaged = readFileSync(join(folder, 'good'));
  damaged.write('x', damaged.indexOf('message 3'));
  const connection = {
    ask: async (_: object, onEvent: (event: object) => void) => {
      onEvent({ code: 200, body: { data: damaged.toString('base64') } });
      return { code: 1, body: { bytes: damaged.length, sha256: createHash('sha256').update(damaged).digest('hex') } };
    },
  } as unknown as ControlConnection;
  await t.rejects(backUp(join(folder, 'bad'), connection), { message: /the daemon's data is damaged/ });
  t.strictSame(namesIn(folder), ['good']);
});

t.test(
  'an export of a running daemon leaves no temporary copy, neither in its folder nor beside the data',
  async (t) => {
    const daemon = await filledDaemon(t);
    const socket = await daemon.control();
    const folder = temporaryFolder(t);
    t.match(await salonctl(t, ['--json', 'export', join(folder, 'file')], { socket }), {
      status: 0,
      out: /"lines":61/,
    });
    t.strictSame(namesIn(folder), ['file']);
    t.notOk((namesIn(daemon.data) ?? []).some((name) => name.startsWith('backup')));
    const scratch = temporaryFolder(t);
    const out = openSync(join(folder, 'out'), 'wx');
    t.teardown(() => closeSync(out));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = scratch;
    t.teardown(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
    const { ControlConnection: Connection } = await import('../../src/salonctl/control-connection.js');
    const connection = await Connection.open(socket, 60);
    await exportAll(out, undefined, async () => connection);
    connection.close();
    t.strictSame(namesIn(scratch), []);
    let lines = 0;
    for await (const piece of createReadStream(join(folder, 'out')) as AsyncIterable<Buffer>)
      lines += piece.toString('latin1').split('\n').length - 1;
    t.equal(lines, 61);
  },
);
