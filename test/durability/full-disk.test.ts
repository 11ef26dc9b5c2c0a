// A disk that is really full: a small file system in a mount namespace of the daemon's own. Nothing of what did not fit is there
// or was shown, all else goes on, and writing resumes by itself when there is room.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { launcher, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import { Database } from '../../src/store/sqlite/database.js';
import { unshared, within } from '../support/namespace.js';

const [unshare = '', ...options] = unshared('mount');
const missing = spawnSync(unshare, [...options, 'true']).status === 0 ? false : 'unshare may not make a mount namespace here';

/** Words that run a command with a file system of that size at `folder`, in which `prepare` was run before. */
function mounted(folder: string, size: string, prepare = 'true'): readonly string[] {
  return [...unshared('mount'), 'sh', '-c', `mount -t tmpfs -o size=${size} salond ${folder} && ${prepare} && exec "$@"`, 'sh'];
}

/** A file system for that command with a copy of `data` in it, and not a byte free. */
function filled(folder: string, data: string): readonly string[] {
  return mounted(folder, '6m', `cp -r ${data} ${folder}/data && { head -c 64m /dev/zero > ${folder}/filler 2>/dev/null || true; }`);
}

/** Runs a command where the daemon's files are seen. */
function run(daemon: Daemon, ...command: readonly string[]): void {
  const [program = '', ...args] = [...within('mount', daemon.process.pid ?? 0), ...command];
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** A folder with what alice said in the lobby, as a daemon leaves it that ends by that signal. */
async function seeded(t: Test, signal: NodeJS.Signals, messages = 1): Promise<string> {
  const data = join(temporaryFolder(t), 'seed');
  const daemon = startDaemon(t, { data });
  const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  const text = 'x'.repeat(messages > 1 ? 4000 : 10);
  alice.send(...Array.from({ length: messages }, () => ({ command: 'chatroom_message', username: 'alice', room: 'lobby', message: text })));
  for (let each = 0; each < messages; each += 1) await alice.reply();
  await daemon.stop(signal);
  return data;
}

t.test('a disk that is too small from the start ends the daemon with one line', { skip: missing }, async (t) => {
  const folder = temporaryFolder(t);
  const daemon = startDaemon(t, { data: join(folder, 'data'), under: mounted(folder, '64k') });
  t.equal((await daemon.exited).code, 65);
  t.match(daemon.text, /^salond: \S+\/salond\.db can't be opened: there is no room on the disk: make room, then start again\n$/);
});

t.test('a disk that may only be read keeps the daemon from starting, with one line', { skip: missing }, async (t) => {
  const folder = temporaryFolder(t);
  const daemon = startDaemon(t, { data: folder, under: mounted(folder, '6m,ro') });
  t.equal((await daemon.exited).code, 65);
  t.match(daemon.text, /^salond: \S+ is not writable: read-only file system\n$/);
});

t.test('when there is no room left, and when there is again', { skip: missing }, async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const daemon = startDaemon(t, { data, under: mounted(folder, '6m'), env: { SALOND_METRICS_LISTEN: '127.0.0.1:0' } });
  const port = await daemon.port();
  const { metrics } = await daemon.logged('ready');
  const ready = async (path = '/readyz'): Promise<number> => (await fetch(`http://${String(metrics)}${path}`)).status;
  t.equal(await ready(), 200);
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  const text = 'x'.repeat(4000);
  const said: unknown[] = [];
  const say = async (): Promise<number> => {
    const { code, body } = await alice.say('alice', 'lobby', text);
    if (code === 1) said.push(body['id']);
    return code;
  };
  for (let each = 0; each < 20; each += 1) t.equal(await say(), 1);

  run(daemon, 'sh', '-c', `head -c 64m /dev/zero > ${folder}/filler 2>/dev/null || true`);
  let last = 1;
  // What the log has room for already still goes in.
  for (let each = 0; each < 2000 && last === 1; each += 1) last = await say();
  t.equal(last, 2);
  alice.send(...Array.from({ length: 10 }, () => ({ command: 'chatroom_message', username: 'alice', room: 'lobby', message: text })));
  for (let each = 0; each < 10; each += 1) t.equal((await alice.reply()).code, 2);
  t.equal((await alice.request({ command: 'join_chatroom', username: 'alice', room: 'den' })).code, 2);
  t.match(await bob.ok({ command: 'chatroom_history', room: 'lobby', limit: 5 }), { body: { count: 5, last: said.length } }, 'what is there can be read');
  await bob.ok('ping');
  t.same(await Promise.all(Array.from({ length: 50 }, () => ready())), Array(50).fill(503));
  t.equal(await ready('/livez'), 200, 'a restart would make no room');
  t.match(daemon.log.filter(({ event }) => event === 'writes_fail'), [{ level: 'error' }], 'said once');

  run(daemon, 'rm', `${folder}/filler`);
  for (let each = 0; each < 10; each += 1) t.equal(await say(), 1, 'as soon as there is room');
  t.equal(await ready(), 200);
  t.ok(await daemon.logged('writes_succeed'));
  t.same(said, Array.from({ length: said.length }, (_, at) => at + 1), 'no id is given twice, none is left out');
  await bob.ok('ping');
  t.same(bob.lines.filter(({ code }) => code === 100).map(({ body }) => body['id']), said, 'bob saw what was stored, and nothing else');
  t.equal((await daemon.stop()).code, 0);
});

for (const [how, signal, messages] of [['was stopped', 'SIGTERM', 1], ['was killed', 'SIGKILL', 1], ['was killed with a log of more than the rest of the disk', 'SIGKILL', 700]] as const) {
  t.test(`without a byte of room a daemon that ${how} starts, serves what is there, and writes when there is room`, { skip: missing }, async (t) => {
    const [folder, seed] = [temporaryFolder(t), await seeded(t, signal, messages)];
    const control = join(temporaryFolder(t), 'control');
    // The index of the log is made anew: it takes room that there is not.
    rmSync(join(seed, 'salond.db-shm'), { force: true });
    const daemon = startDaemon(t, { data: join(folder, 'data'), under: filled(folder, seed), env: { SALOND_METRICS_LISTEN: '127.0.0.1:0', SALOND_CONTROL_SOCKET: control } });
    const { metrics } = await daemon.logged('ready');
    const ask = async (path: string): Promise<readonly [number, string]> => {
      const response = await fetch(`http://${String(metrics)}${path}`);
      return [response.status, await response.text()];
    };
    t.same(await ask('/readyz'), [503, 'there is no room on the disk\n']);
    t.same(await ask('/livez'), [200, 'ok\n'], 'a restart makes no room');
    t.match((await ask('/metrics'))[1], /^salond_store_writable 0$/m);
    t.match(daemon.log.filter(({ event }) => event === 'writes_fail'), [{ level: 'error' }]);
    const operator = await Client.connect(control);
    t.match(await operator.request('status'), { body: { state: 'running', writable: false, problem: 'there is no room on the disk' } });

    const client = await Client.connect(await daemon.port());
    t.equal((await client.request({ command: 'create_user', username: 'bob', first_name: 'B', last_name: 'B', password: 'a password' })).code, 2);
    const alice = await client.enter('alice');
    t.match(await alice.ok({ command: 'join_chatroom', username: 'alice', room: 'lobby' }), { body: { last: messages } });
    t.equal((await alice.request({ command: 'join_chatroom', username: 'alice', room: 'den' })).code, 2);
    for (const key of [undefined, 'k']) t.equal((await alice.say('alice', 'lobby', 'lost', key === undefined ? {} : { key })).code, 2);
    t.match(await alice.ok({ command: 'chatroom_history', room: 'lobby', limit: 3 }), { body: { count: Math.min(3, messages), last: messages } });

    run(daemon, 'rm', `${folder}/filler`);
    // It looks for room once a second, when it is asked.
    while ((await ask('/readyz'))[0] !== 200) await sleep(100);
    t.match(await operator.request('status'), { body: { writable: true, problem: undefined, last_commit: Number } });
    t.match(await alice.say('alice', 'lobby', 'kept', { key: 'k' }), { code: 1, body: { id: messages + 1, duplicate: undefined } });
    await alice.ok({ command: 'join_chatroom', username: 'alice', room: 'den' });
    t.ok(await daemon.logged('writes_succeed'));
    t.match(await alice.ok({ command: 'chatroom_history', room: 'lobby', limit: 1 }), { body: { last: messages + 1 } });
    t.equal((await daemon.stop()).code, 0);
  });
}

t.test('an older schema is not brought up to date without room, which is said in one line', { skip: missing }, async (t) => {
  const [folder, seed] = [temporaryFolder(t), await seeded(t, 'SIGTERM')];
  const database = await Database.open(join(seed, 'salond.db'));
  await database.exec('DROP TABLE bans; PRAGMA user_version = 3');
  await database.close();
  const daemon = startDaemon(t, { data: join(folder, 'data'), under: filled(folder, seed) });
  t.equal((await daemon.exited).code, 65);
  t.match(daemon.text, /^salond: \S+\/salond\.db is an older salond's and has to be brought up to date, but there is no room on the disk: make room, then start again\n$/);
});

t.test('data on a full disk can be checked', { skip: missing }, async (t) => {
  const [folder, seed] = [temporaryFolder(t), await seeded(t, 'SIGKILL')];
  rmSync(join(seed, 'salond.db-shm'), { force: true });
  const [program = '', ...args] = [...filled(folder, seed), process.execPath, launcher, '--check-data', join(folder, 'data')];
  t.match(spawnSync(program, args, { encoding: 'utf8', env: { PATH: process.env['PATH'] } }), { status: 0, stdout: 'the data is as it was written\n', stderr: '' });
});

for (const inodes of [5, 6]) {
  t.test(`where ${inodes - 5} inodes are left, it is as if there were no room`, { skip: missing }, async (t) => {
    const [folder, seed] = [temporaryFolder(t), await seeded(t, 'SIGTERM')];
    // Those that are used: the root, data, the database, its lock, and a file; the log and its index need one each.
    const under = mounted(folder, `6m,nr_inodes=${inodes}`, `cp -r ${seed} ${folder}/data && touch ${folder}/one`);
    const daemon = startDaemon(t, { data: join(folder, 'data'), under, env: { SALOND_CONTROL_SOCKET: join(temporaryFolder(t), 'control') } });
    const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
    t.equal((await alice.say('alice', 'lobby', 'lost')).code, 2);
    t.match(await alice.ok({ command: 'chatroom_history', room: 'lobby' }), { body: { count: 1 } });
    run(daemon, 'mount', '-o', 'remount,nr_inodes=20', folder);
    await sleep(1100);
    t.match(await alice.say('alice', 'lobby', 'kept'), { code: 1, body: { id: 2 } });
    t.equal((await daemon.stop()).code, 0);
  });
}
