// Tests Unix sockets for clients: who may connect and what they may, which limits they share, and what becomes of the
// file. test/clients talks over one with nc and socat.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { hostDaemon, type HostedDaemon } from '../support/in-process.js';
import { salonctlHere } from '../support/salonctl.js';

t.jobs = 4;

interface Served {
  readonly path: string;
  readonly port: number;
  readonly daemon: HostedDaemon;
}

/** Hosts a daemon that listens on a Unix socket too. */
async function served(t: Test, env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const path = join(temporaryFolder(t), 'chat.sock');
  const daemon = hostDaemon(t, { args: ['--listen', path], env });
  return { path, port: await daemon.port(), daemon };
}

const noExemptions = { SALOND_EXEMPT_ADDRESSES: '' };

t.test('whoever may enter the folder may connect, and passwords are taken', { buffered: true }, async (t) => {
  const { path, port, daemon } = await served(t, { ...noExemptions, SALOND_LOG_LEVEL: 'debug' });
  t.same((await daemon.logged('ready'))['addresses'], [`127.0.0.1:${port}`, path]);
  t.equal(lstatSync(path).mode & 0o777, 0o666);
  const alice = await (await Client.connectUnix(path)).enter('alice', 'lobby');
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  t.equal((await alice.event()).body['username'], 'bob');
  await alice.say('alice', 'lobby', 'hello');
  t.equal((await bob.event()).body['message'], 'hello');
  const { body } = await alice.ok('list_sessions');
  t.match(body['sessions'], [{ address: `unix:${path}`, current: true }]);
  t.match(await daemon.logged('session_opened'), { address: `unix:${path}` });
  t.match(await daemon.logged('authenticated'), { username: 'alice', address: `unix:${path}` });
  const { out } = await salonctlHere(['sessions'], { socket: await daemon.control() });
  t.match(out, `unix:${path}`);
});

t.test('a greeting comes, and requests after a half-close are answered', { buffered: true }, async (t) => {
  const { path } = await served(t, { SALOND_GREETING: 'welcome' });
  const client = await Client.connectUnix(path);
  client.socket.end('ping one\nping two');
  await client.closed;
  t.match(client.lines, [{ code: 190 }, { body: { data: 'one' } }, { body: { data: 'two' } }]);
});

t.test('no limit on connections per address holds, but the places of all do', { buffered: true }, async (t) => {
  const { path, port } = await served(t, {
    ...noExemptions,
    SALOND_MAX_CONNECTIONS: '4',
    SALOND_MAX_CONNECTIONS_PER_ADDRESS: '2',
    SALOND_CONNECTIONS_PER_MINUTE: '2',
  });
  const connected = async (): Promise<Client> => {
    const client = await Client.connectUnix(path);
    await client.ok('ping');
    return client;
  };
  const user = await (await connected()).enter('alice', 'lobby');
  const [first, second, third] = [await connected(), await connected(), await connected()];
  await first.ok('ping');
  const other = await connected();
  await second.closed;
  t.match(second.lines.at(-1), { code: 199, body: { reason: 'you were silent, and another client needs your place' } });
  const remote = await Client.connect(port);
  await remote.ok('ping');
  await third.closed;
  for (const each of [user, first, other, remote]) await each.ok('ping');
});

t.test('all clients of a socket share a budget, which is not that of an address', { buffered: true }, async (t) => {
  const { path, port } = await served(t, { ...noExemptions, SALOND_COST_PER_SECOND_PER_ADDRESS: '1' });
  const [one, other] = [await Client.connectUnix(path), await Client.connectUnix(path)];
  let refused;
  for (let asked = 0; asked < 200 && refused === undefined; asked += 1) {
    const reply = await one.request('ping');
    if (reply.code === 14) refused = reply;
  }
  t.match(refused, { body: { error: 'too many requests without a login from your address' } });
  t.equal((await other.request('ping')).code, 14);
  await (await Client.connect(port)).ok('ping');
});

t.test('a socket can be exempt, by its path', { buffered: true }, async (t) => {
  const path = join(temporaryFolder(t), 'chat.sock');
  const env = { SALOND_EXEMPT_ADDRESSES: path, SALOND_COST_PER_SECOND: '1', SALOND_COST_PER_SECOND_PER_ADDRESS: '1' };
  const daemon = hostDaemon(t, { args: ['--listen', path], env });
  await daemon.port();
  const client = await Client.connectUnix(path);
  for (let asked = 0; asked < 300; asked += 1) await client.ok('ping');
});

t.test('wrong passwords make others wait only for the same user', { buffered: true }, async (t) => {
  const { path } = await served(t, { ...noExemptions, SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '1000' });
  await (await Client.connectUnix(path)).enter('alice');
  const guesser = await Client.connectUnix(path);
  const login = async (username: string, password: string): Promise<number> =>
    (await guesser.request({ command: 'authenticate_user', username, password })).code;
  for (let guess = 0; guess < 25; guess += 1) t.equal(await login(`user${guess}`, 'a guess'), 4);
  t.equal(await login('user25', 'a guess'), 4, 'nor would it wait after twenty as an address would');
  for (let guess = 0; guess < 5; guess += 1) t.equal(await login('alice', 'a guess'), 4);
  t.equal(await login('alice', 'alice password'), 14);
});

t.test(
  'a ban of all addresses does not reach the clients of a socket, a ban of their user does',
  { buffered: true },
  async (t) => {
    const { path, daemon } = await served(t);
    const operator = await Client.connect(await daemon.control());
    await operator.ok({ command: 'ban', target: '0.0.0.0/0' });
    await operator.ok({ command: 'ban', target: '::/0' });
    const alice = await (await Client.connectUnix(path)).enter('alice', 'lobby');
    const guest = await Client.connectUnix(path);
    await guest.ok('ping');
    const { body } = await operator.ok('list_sessions');
    const number = (body['sessions'] as readonly { session: number; username?: string }[]).find(
      ({ username }) => username === undefined,
    )?.session;
    t.match(await operator.request({ command: 'ban', target: `#${number}` }), {
      code: 11,
      body: { error: `#${number} is a guest of unix:${path}: there is neither a user nor an address` },
    });
    await operator.ok({ command: 'kick', target: `#${number}` });
    await guest.closed;
    await operator.ok({ command: 'ban', target: 'alice' });
    await alice.closed;
    t.match(alice.lines.at(-1), { code: 199, body: { reason: 'you are banned' } });
  },
);

t.test(
  'a client that reads slowly is not closed, although the kernel does not show that it reads',
  { buffered: true },
  async (t) => {
    const { path } = await served(t, { SALOND_STALL_SECONDS: '1', SALOND_COST_PER_SECOND: '1000000' });
    const client = await Client.connectUnix(path);
    client.socket.pause();
    const count = 2000;
    client.send(...Array.from({ length: count }, () => 'help'), 'quit');
    await pause(2500);
    client.socket.resume();
    await client.closed;
    t.equal(client.lines.length, count + 1);
  },
);

t.test('an abandoned socket is replaced, anything else stays and is reported', { buffered: true }, async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'chat.sock');
  const script = 'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))';
  spawnSync(process.execPath, ['-e', script, path]);
  t.ok(lstatSync(path).isSocket());
  const daemon = startDaemon(t, { args: ['--listen', path] });
  await daemon.port();
  await (await Client.connectUnix(path)).ok('ping');
  const refused = async (where: string, says: string): Promise<void> => {
    const other = startDaemon(t, { args: ['--listen', where] });
    t.equal((await other.exited).code, 69);
    t.equal(other.text, `salond: can't listen on ${where}: ${says}\n`);
  };
  await refused(path, 'it is in use');
  await (await Client.connectUnix(path)).ok('ping');
  writeFileSync(join(folder, 'file'), 'dear diary\n');
  await refused(join(folder, 'file'), 'a plain file is there, and it was left as it is');
  await refused(join(folder, 'nowhere', 'chat.sock'), 'its folder is not there');
  t.equal((await daemon.stop()).code, 0);
  t.notOk(existsSync(path), 'it is removed at a stop');
});

t.test(
  'a drain removes the socket and tells its clients, and a stop ends what is left',
  { buffered: true },
  async (t) => {
    const { path, daemon } = await served(t);
    const client = await (await Client.connectUnix(path)).enter('alice', 'lobby');
    const operator = await Client.connect(await daemon.control());
    await operator.ok({ command: 'drain', seconds: 1 });
    t.notOk(existsSync(path));
    await client.closed;
    t.match(client.lines.at(-1), { code: 199, body: { reason: 'the server is about to stop' } });
    await daemon.exited;
  },
);

t.test('a change of the sockets waits for a restart, and a reload checks it', { buffered: true }, async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'salond.toml');
  const [path, other] = [join(folder, 'chat.sock'), join(folder, 'other.sock')];
  writeFileSync(file, `listen = ["127.0.0.1:0", "${path}"]\n`);
  const data = join(folder, 'data');
  mkdirSync(data);
  const daemon = startDaemon(t, {
    under: [],
    data,
    args: ['--config', file, '--listen', '127.0.0.1:0', '--listen', path],
  });
  await daemon.port();
  await (await Client.connectUnix(path)).ok('ping');
  const operator = await Client.connect(await daemon.control());
  writeFileSync(file, `exempt_addresses = ["${other}"]\n`);
  t.match((await operator.ok('reload')).body, { applied: ['exempt_addresses'], restart: [] });
  writeFileSync(file, `exempt_addresses = ["chat.sock"]\n`);
  t.match(await operator.request('reload'), { body: { error: /exempt_addresses must hold/ } });
  await (await Client.connectUnix(path)).ok('ping');
});
