// Tests salonctl's output to programs that stop reading and to full disks, and its JSON, which can not control a
// terminal. SALOND_TEST_SIZES=full, as in `npm run test:slow`, tries more commands.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { jsonLine } from '../../src/salonctl/output.js';
import { Client } from '../support/client.js';
import { root, temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { hostForOperators, salonctl, salonctlHere } from '../support/salonctl.js';

/** The commands of `npm run test:slow` alone. */
const more = (...commands: readonly string[][]): readonly string[][] =>
  process.env['SALOND_TEST_SIZES'] === 'full' ? commands : [];

t.jobs = 3;
const buffered = { buffered: true };

/** A line of bash that pipes salonctl to `reader` and writes the status of each program to standard error. */
const reading = (reader: string): string => `"$0" "$@" | ${reader}; echo "\${PIPESTATUS[@]}" >&2`;

t.test('a reader that closes the pipe ends salonctl quietly', buffered, async (t) => {
  const { socket } = await hostForOperators(t);
  for (const args of [
    ['users'],
    ['help'],
    ['stats', '--watch'],
    ['stats', '--watch', '--json'],
    ...more(['status'], ['--version'], ['users', '--json']),
  ]) {
    t.match(await salonctl(t, args, { socket, shell: reading('true') }), { err: '0 0\n' }, args.join(' '));
  }
  t.match(await salonctl(t, ['help'], { socket, shell: reading('head -1') }), {
    out: /^Usage: salonctl .*\n$/,
    err: '0 0\n',
  });
});

t.test('a reply of megabytes reaches a reader of one line and a slow reader', buffered, async (t) => {
  const rows = Array.from({ length: 900 }, (_, each) => ({ target: `192.0.2.${each}`, reason: 'x'.repeat(2000) }));
  const path = join(temporaryFolder(t), 'control');
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .end(`1\t${JSON.stringify({ command: 'list_bans', bans: rows, more: false })}\n`);
  }).listen(path);
  t.teardown(() => server.close());
  await once(server, 'listening');
  t.match(await salonctl(t, ['bans'], { socket: path, shell: reading('head -1') }), {
    out: /^TARGET +REASON\n$/,
    err: '0 0\n',
  });
  const slow = await salonctl(t, ['bans', '--json'], { socket: path, shell: reading('(sleep 0.5; cat)') });
  t.equal(slow.err, '0 0\n');
  t.same(JSON.parse(slow.out), { bans: rows, more: false });
});

t.test("output that can't be written is reported, and has an exit status", buffered, async (t) => {
  const { socket, port } = await hostForOperators(t);
  await (await Client.connect(port)).enter('alice');
  for (const args of [
    ['help'],
    ['status', '--json'],
    ['backup', '-'],
    ['export', '-'],
    ...more(['users'], ['--version'], ['stats']),
  ]) {
    const { status, err } = await salonctl(t, args, { socket, shell: 'exec "$0" "$@" > /dev/full' });
    t.equal(status, 73, args.join(' '));
    t.match(err, /^salonctl: [^\n]* can't be written[^\n]*: no space left on device\n$/);
  }
  t.match(
    await salonctlHere(['export', '/dev/full', '--follow'], { socket }),
    { status: 73, err: /^salonctl: \/dev\/full can't be written: no space left on device\n$/ },
    'also a file that follows',
  );
  t.match(
    await salonctl(t, ['users'], { socket, shell: 'exec "$0" "$@" >&-' }),
    { status: 0, err: '' },
    'standard output may be closed',
  );
  t.match(
    await salonctl(t, ['nope'], { socket, shell: 'exec "$0" "$@" 2> /dev/full' }),
    { status: 64 },
    'the status is right even if the message can not be written',
  );
});

t.test('with - as the file, standard output has only the content of the file', buffered, async (t) => {
  const { socket, port } = await hostForOperators(t);
  await (await Client.connect(port)).enter('alice', 'lobby').then((alice) => alice.say('alice', 'lobby', 'dust'));
  const folder = temporaryFolder(t);
  const [backup, file] = [join(folder, 'backup.db'), join(folder, 'file.db')];
  const shell = `cd ${folder}; exec "$0" "$@" > ${backup}`;
  t.match(await salonctl(t, ['backup', '-'], { socket, shell }), { status: 0, err: /^standard output: [\d.]+ KiB\n$/ });
  t.match(await salonctlHere(['backup', file], { socket }), { status: 0, out: /: [\d.]+ KiB, checked\n$/ });
  t.equal(statSync(backup).size, statSync(file).size);
  t.match(await salonctlHere(['restore', backup, '--data', join(folder, 'data')]), { status: 0 });
  t.match(JSON.parse((await salonctl(t, ['backup', '-', '--json'], { socket, shell })).err), {
    bytes: statSync(file).size,
  });
  const exported = await salonctl(t, ['export', '-'], { socket });
  t.match(exported, { status: 0, err: /^standard output: \d+ lines\n$/ });
  for (const line of exported.out.trimEnd().split('\n')) JSON.parse(line);
  t.match(await salonctl(t, ['import', '-', '--data', join(folder, 'imported')], { input: exported.out }), {
    status: 0,
    out: /^imported to .*: 1 message/,
  });
  t.equal((await salonctl(t, ['export', '-', '--from', backup])).out, exported.out);
  t.same(
    readdirSync(folder).filter((name) => name.startsWith('-')),
    [],
    'no file with that name is created',
  );
  t.match(await salonctl(t, ['backup', '-'], { socket, shell: reading('gzip | gzip -dc | wc -c') }), {
    out: `${statSync(file).size}\n`,
  });
  // A reader that did not get everything must see that the backup is incomplete.
  for (const command of ['backup', 'export']) {
    const { err } = await salonctl(t, [command, '-'], { socket, shell: reading('true') });
    t.match(err, /^salonctl: [^\n]*(?:broken pipe|nobody reads)[^\n]*\n73 0\n$/, command);
  }
  t.match(await salonctl(t, ['restore', '-']), { status: 64, err: /a backup can't be read from standard input/ });
  t.match(await salonctl(t, ['export', join(folder, 'x'), '--from', '-']), { status: 64 });
});

t.test('JSON output has the same data, and can not control a terminal', buffered, async (t) => {
  const strange =
    '\u001b[2J\u009b31m\u202e\u2066\u200f\u061c\u00ad\ufeff\u2028\u2029\u007f\0"\\\u{e0001}\u{1d173}\u{1f600}\ud800 é 李雷';
  const line = jsonLine({ [strange]: [strange, null, 1.5, true] });
  t.same(JSON.parse(line), { [strange]: [strange, null, 1.5, true] });
  t.notMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  t.match(line, /\\u202e.*\\udb40\\udc01.*李雷/, 'visible characters are not escaped');
  t.match(jsonLine({ '\u202e': 1 }), /^\{"\\u202e":1\}$/);
  const { socket } = await hostForOperators(t);
  const reason = '\u202eterces\u2066\u200b';
  await salonctlHere(['ban', '192.0.2.1', '--reason', reason], { socket });
  const { out } = await salonctl(t, ['bans', '--json'], { socket });
  t.match(JSON.parse(out), { bans: [{ target: '192.0.2.1', reason }] });
  t.match(out, /^[\x20-\x7e]+\n$/);
});

t.test('stats --watch redraws on a terminal, and ends when the daemon ends', buffered, async (t) => {
  const daemon = hostDaemon(t);
  const socket = await daemon.control();
  const program = `stty cols 50; exec ${process.execPath} ${join(root, 'bin/salonctl')} --socket ${socket} stats --watch`;
  const child = spawn('script', ['-qec', program, '/dev/null'], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  const closed = once(child, 'close');
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  while (!out.includes('\u001b[7A')) await once(child.stdout, 'data');
  t.match(out, /salond [\d.]+, running/);
  t.match(out, /messages\/s +0/);
  for (const line of out.replace(/\u001b\[\d*[AK]/g, '').split(/[\r\n]+/))
    t.ok(line.length < 50, 'no line is wider than the terminal');
  await daemon.stop();
  t.same(await closed, [69, null]);
});

t.test('stats without --watch draws once, and writes no terminal sequences to a file', buffered, async (t) => {
  const { socket } = await hostForOperators(t);
  const { status, out } = await salonctlHere(['stats'], { socket });
  t.equal(status, 0);
  t.match(out, /^salond [\d.]+, running[^\u001b]+$/);
  t.match(JSON.parse((await salonctlHere(['stats', '--json'], { socket })).out), {
    state: 'running',
    command: undefined,
  });
});

t.test('Ctrl-C ends salonctl by SIGINT', buffered, async (t) => {
  const { socket } = await hostForOperators(t);
  const child = spawn(process.execPath, [join(root, 'bin/salonctl'), '--socket', socket, 'stats', '--watch'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  t.same(await closed, [null, 'SIGINT'], 'shells show this as 130');
});

t.test(
  'the control socket comes from --socket, else from SALONCTL_SOCKET, else it is one that exists',
  buffered,
  async (t) => {
    const { socket } = await hostForOperators(t);
    const folder = temporaryFolder(t);
    const plain = { PATH: process.env['PATH'] ?? '' };
    const run = async (
      env: Readonly<Record<string, string>>,
      cwd: string,
      ...args: readonly string[]
    ): Promise<number | null> => {
      const child = spawn(process.execPath, [join(root, 'bin/salonctl'), 'status', ...args], {
        stdio: 'ignore',
        cwd,
        env: { ...plain, ...env },
      });
      return ((await once(child, 'close')) as [number | null])[0];
    };
    t.equal(await run({ SALONCTL_SOCKET: socket }, folder), 0);
    t.equal(await run({ SALONCTL_SOCKET: '/nowhere' }, folder, '--socket', socket), 0);
    t.equal(await run({ SALONCTL_SOCKET: '' }, folder), 64);
    if (!existsSync('/run/salond/control.sock')) {
      t.equal(await run({}, folder), 69);
      const named = hostDaemon(t, { data: join(folder, 'salond-data') });
      await named.control();
      t.equal(await run({}, folder), 0);
    }
  },
);
