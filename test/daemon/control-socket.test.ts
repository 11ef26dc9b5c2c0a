// Tests the path of the control socket: only an abandoned socket is replaced. Anything else there stays, and is
// reported in one line.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 4;
const buffered = { buffered: true };

async function refused(
  t: Test,
  path: string,
  status: number,
  says: RegExp,
  start: typeof startDaemon | typeof hostDaemon = hostDaemon,
): Promise<void> {
  const daemon = start(t, { env: { SALOND_CONTROL_SOCKET: path } });
  t.equal((await daemon.exited).code, status, path);
  t.match(daemon.text, says);
  t.match(daemon.text, /^salond: [^\n]+\n$/, 'in one line');
}

/** Leaves a socket at the path, by a process that is killed. */
function leftSocket(path: string): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['-e', 'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))', path],
    { encoding: 'utf8' },
  );
  if (status !== null) throw new Error(stderr);
}

t.test('only a socket on which nobody listens is removed', buffered, async (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('file'), 'dear diary\n');
  mkdirSync(at('folder'));
  symlinkSync(at('file'), at('link'));
  symlinkSync(at('nowhere'), at('dangling'));
  execFileSync('mkfifo', [at('pipe')]);
  leftSocket(at('left'));
  symlinkSync(at('left'), at('link-to-left'));
  const kinds: Readonly<Record<string, string>> = {
    file: 'a plain file',
    folder: 'a folder',
    link: 'a symbolic link',
    dangling: 'a symbolic link',
    'link-to-left': 'a symbolic link',
    pipe: 'something that is no socket',
  };
  for (const [name, kind] of Object.entries(kinds))
    await refused(
      t,
      at(name),
      69,
      new RegExp(`^salond: can't listen on ${at(name)}: ${kind} is there, and it was left as it is\n$`),
      name === 'file' ? startDaemon : hostDaemon,
    );
  t.equal(readFileSync(at('file'), 'utf8'), 'dear diary\n');
  for (const name of [...Object.keys(kinds), 'left'])
    t.ok(lstatSync(at(name), { throwIfNoEntry: false }), `${name} is still there`);

  const daemon = startDaemon(t, { env: { SALOND_CONTROL_SOCKET: at('left') } });
  t.equal(await daemon.control(), at('left'), 'a socket that was left is replaced');
  t.equal(lstatSync(at('left')).mode & 0o777, 0o660);
  await (await Client.connect(at('left'))).ok('status');
  await refused(t, at('left'), 69, /: it is in use\n$/);
  await (await Client.connect(at('left'))).ok('status');
});

t.test('a path with the name of a data file is refused, and the data stays', buffered, async (t) => {
  const first = hostDaemon(t);
  await (await Client.connect(await first.port())).enter('alice');
  await first.stop();
  for (const name of ['salond.db', 'salond.lock', 'salond.db-wal']) {
    const daemon = hostDaemon(t, { data: first.data, env: { SALOND_CONTROL_SOCKET: join(first.data, name) } });
    t.equal((await daemon.exited).code, 78);
    t.match(daemon.text, /^salond: control_socket: names beginning with "salond\." are the data's own[^\n]+\n$/);
  }
  const again = hostDaemon(t, { data: first.data });
  await (await Client.connect(await again.port())).ok('authenticate_user alice alice password');
});

t.test('a path that can have no socket is reported with the reason', buffered, async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await refused(t, join(folder, 'nowhere/control'), 69, /: its folder is not there\n$/);
  await refused(t, join(file, 'control'), 69, /: what should be its folder is a file\n$/);
  // 107 characters are allowed, and these are more than 107 bytes.
  await refused(
    t,
    `/tmp/${'é'.repeat(90)}`,
    78,
    /^salond: control_socket: a Unix socket's path has 107 bytes at most, and "\S+" has 185\n$/,
  );
  await refused(
    t,
    `/tmp/${'x'.repeat(103)}`,
    78,
    /CONTROL_SOCKET: must be a string of 0 to 107 characters/,
    startDaemon,
  );
  await refused(t, '/proc/control', 69, /^salond: can't listen on \/proc\/control: /);
});

t.test('a socket on which another program listens is not replaced', buffered, async (t) => {
  const path = join(temporaryFolder(t), 'other');
  const other = createServer((socket) => socket.on('error', () => undefined).end('mine\n')).listen(path);
  t.teardown(() => other.close());
  await once(other, 'listening');
  await refused(t, path, 69, /: it is in use\n$/);
  t.ok(existsSync(path));
});

t.test('an abandoned datagram socket is replaced', { ...buffered, skip: noPrograms('python3') }, async (t) => {
  const path = join(temporaryFolder(t), 'datagrams');
  execFileSync('python3', [
    '-c',
    'import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(sys.argv[1])',
    path,
  ]);
  const daemon = hostDaemon(t, { env: { SALOND_CONTROL_SOCKET: path } });
  // The program that opened the socket has ended, so the socket is abandoned.
  t.equal(await daemon.control(), path);
});

t.test('a relative path starts in the folder in which the daemon is started', buffered, async (t) => {
  const folder = temporaryFolder(t);
  const daemon = startDaemon(t, { env: { SALOND_CONTROL_SOCKET: 'here' }, under: ['env', '-C', folder] });
  await daemon.logged('ready');
  await (await Client.connect(join(folder, 'here'))).ok('status');
  t.equal((await daemon.stop()).code, 0);
  t.notOk(existsSync(join(folder, 'here')));
});

t.test(
  'a stop does not remove the socket that another daemon has created at the path meanwhile',
  buffered,
  async (t) => {
    const path = join(temporaryFolder(t), 'control');
    const first = startDaemon(t, { env: { SALOND_CONTROL_SOCKET: path } });
    await first.control();
    execFileSync('mv', [path, join(dirname(path), 'moved')]);
    const second = startDaemon(t, { env: { SALOND_CONTROL_SOCKET: path } });
    await second.control();
    await first.stop();
    await (await Client.connect(path)).ok('status');
  },
);
