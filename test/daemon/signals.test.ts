// Tests signals: SIGTERM, SIGINT and SIGQUIT stop, SIGHUP reloads, and no other ends the daemon or opens a debugger.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sqlite3 from 'sqlite3';
import t from 'tap';
import { Client } from '../support/client.js';
import { root, startDaemon, temporaryFolder } from '../support/daemon.js';

t.jobs = 2;
const buffered = { buffered: true };

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const open = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return open;
}

t.test('signals without a meaning affect neither the daemon nor its clients', buffered, async (t) => {
  const daemon = startDaemon(t);
  const client = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  const debuggerPortInUse = await isListening(9229);
  for (const signal of [
    'SIGUSR1',
    'SIGUSR2',
    'SIGALRM',
    'SIGVTALRM',
    'SIGIO',
    'SIGPWR',
    'SIGSTKFLT',
    'SIGXFSZ',
    'SIGPIPE',
    'SIGWINCH',
    'SIGURG',
    'SIGCHLD',
    'SIGCONT',
  ] as const) {
    daemon.process.kill(signal);
    t.equal((await client.say('alice', 'lobby', signal)).code, 1, signal);
  }
  await client.ok('ping');
  t.equal(daemon.process.exitCode, null);
  if (!debuggerPortInUse) t.notOk(await isListening(9229), 'no debugger');
  t.notMatch(daemon.text, /[Dd]ebugger/);
  t.equal((await daemon.stop()).code, 0);
});

t.test('a SIGUSR1 before the first line of the program leaves no debugger open', buffered, async (t) => {
  const early = join(temporaryFolder(t), 'early.mjs');
  // At this time only the handler of Node.js is installed, as while Node.js starts.
  writeFileSync(
    early,
    "process.kill(process.pid, 'SIGUSR1'); await new Promise((resolve) => { setTimeout(resolve, 300); });",
  );
  const daemon = startDaemon(t, { under: ['env', `NODE_OPTIONS=--inspect-port=0 --import=${early}`] });
  await daemon.logged('ready');
  // Its standard error may come later than its log.
  while (!/^Debugger listening on .*\n/m.test(daemon.text)) await sleep(10);
  const port = Number(/^Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//m.exec(daemon.text)?.[1]);
  t.ok(port > 0, 'Node.js opened a debugger');
  t.notOk(await isListening(port));
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
  t.test(`${signal} stops the daemon, and more signals change nothing`, buffered, async (t) => {
    const daemon = startDaemon(t);
    const client = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
    daemon.process.kill(signal);
    await daemon.logged('stopping');
    daemon.process.kill(signal);
    daemon.process.kill('SIGHUP');
    daemon.process.kill('SIGUSR2');
    t.same(await daemon.exited, { code: 0, signal: null });
    t.match(client.lines.at(-1), { code: 199, body: { reason: 'the server is stopping' } });
    t.ok(await daemon.logged('stopped'));
  });
}

/** With this variable a start logs an event after it has read its settings and before it opens anything. */
const starting = { env: { SALOND_PORT: 'tcp://10.0.0.7:7256' } };
const started = 'kubernetes_variables_ignored';

t.test('a stop during the start ends the daemon with status 0', buffered, async (t) => {
  const data = temporaryFolder(t);
  // A program that reads the lock file delays the start by a second.
  const lock = new sqlite3.Database(join(data, 'salond.lock'));
  await new Promise((resolve) => {
    lock.exec('CREATE TABLE t (x); BEGIN; SELECT * FROM t', resolve);
  });
  const daemon = startDaemon(t, { data, ...starting });
  await daemon.logged(started);
  daemon.process.kill('SIGUSR2');
  daemon.process.kill('SIGTERM');
  t.same(await daemon.exited, { code: 0, signal: null });
  t.match(
    daemon.log.map(({ event }) => event),
    [started, 'stopping'],
  );
  lock.close();
});

t.test('a reload that is requested during the start happens after it', buffered, async (t) => {
  const daemon = startDaemon(t, starting);
  await daemon.logged(started);
  daemon.process.kill('SIGHUP');
  await daemon.logged('reloaded');
  t.same(
    daemon.log.map(({ event }) => event),
    [started, 'ready', 'reloaded'],
  );
});

t.test('SIGTERM ends a daemon that waits for its settings', buffered, async (t) => {
  const pipe = join(temporaryFolder(t), 'settings');
  execFileSync('mkfifo', [pipe]);
  for (const args of [
    ['--config', pipe],
    ['--check-config', '--config', pipe],
  ]) {
    const daemon = startDaemon(t, { args });
    // This fulfils when the daemon opens the pipe to read.
    const writer = await open(pipe, 'w');
    t.same(await daemon.stop(), { code: null, signal: 'SIGTERM' });
    await writer.close();
  }
});

t.test('the first line of both launchers handles SIGUSR1', async (t) => {
  for (const name of ['salond', 'salonctl']) {
    const [first] = readFileSync(join(root, 'bin', name), 'utf8')
      .split('\n')
      .filter((line) => !/^(?:#!|\/\/)/.test(line));
    t.match(first, /SIGUSR1/, name);
  }
});
