// Tests passwords on unencrypted connections from other machines (code 17, PROTOCOL.md §3). The other machine is a
// network namespace that a pair of virtual interfaces connects to the daemon's.
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import t, { type Test } from 'tap';
import { parseLine, type Line } from '../support/client.js';
import { certificate } from '../support/certificate.js';
import { startDaemon } from '../support/daemon.js';
import { unshared, within as withinNamespace } from '../support/namespace.js';
import { noPrograms } from '../support/programs.js';
import { skipUnlessPossible, type Skip } from '../support/skip.js';

const unshareNet = unshared('net');
const within = (pid: number): readonly string[] => withinNamespace('net', pid);

/** Starts `command` and waits for its first output. It ends with the test. Returns the process id. */
async function startHolder(t: Test, command: readonly string[]): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'close').then(() => {
    throw new Error(`${command.join(' ')} ended`);
  });
  await Promise.race([once(child.stdout, 'data'), ended]);
  return child.pid ?? 0;
}

/** Runs a command. Throws if it fails. */
function run(command: readonly string[]): void {
  const [program = '', ...args] = command;
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${error?.message ?? stderr}`);
}

/** Creates two machines in one network, 10.7.2.1 and 10.7.2.2. Returns the id of a process in each. */
async function twoMachines(t: Test): Promise<{ readonly here: number; readonly there: number }> {
  const wait = ['sh', '-c', 'echo; exec cat'];
  const here = await startHolder(t, [...unshareNet, ...wait]);
  const there = await startHolder(t, [...within(here), 'unshare', '--net', ...wait]);
  run([
    ...within(here),
    'ip',
    'link',
    'add',
    'salond0',
    'type',
    'veth',
    'peer',
    'name',
    'salond1',
    'netns',
    String(there),
  ]);
  for (const [pid, device, host] of [
    [here, 'salond0', 1],
    [there, 'salond1', 2],
  ] as const) {
    run([...within(pid), 'ip', 'address', 'add', `10.7.2.${host}/24`, 'dev', device]);
    for (const each of [1, 2]) {
      run([...within(pid), 'ip', 'address', 'add', `fd07:2::${host}${each}/64`, 'dev', device, 'nodad']);
    }
    for (const each of ['lo', device]) run([...within(pid), 'ip', 'link', 'set', each, 'up']);
  }
  return { here, there };
}

/** A client that runs on another machine. */
class RemoteClient {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string, undefined>;

  constructor(t: Test, pid: number, port: number, host: string, localAddress: string, by: 'net' | 'tls' = 'net') {
    const script =
      'const [host, port, localAddress, by] = process.argv.slice(1);' +
      'const socket = require(by).connect({ host, port, localAddress, rejectUnauthorized: false });' +
      'process.stdin.pipe(socket); socket.pipe(process.stdout);';
    const [program, ...args] = [...within(pid), process.execPath, '-e', script, host, String(port), localAddress, by];
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    t.teardown(() => this.#child.kill('SIGKILL'));
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  async request(request: string): Promise<Line> {
    this.#child.stdin.write(`${request}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the connection ended');
    return parseLine(value);
  }
}

/** Why no second machine can be created here; false if one can. */
function noSecondMachine(): Skip {
  const attempt = `${unshareNet.join(' ')} ip link add salond0 type veth peer name salond1 && nsenter --version`;
  const { status, error, stderr } = spawnSync('sh', ['-c', attempt], { encoding: 'utf8' });
  return skipUnlessPossible(
    status === 0,
    `needs network namespaces and veth: ${(error?.message ?? stderr).trim().replace(/\n.*/s, '')}`,
  );
}

const skip = noSecondMachine();
const [create, login] = ['create_user alice A B rabbit-hole', 'authenticate_user alice rabbit-hole'];

t.test(
  'a password from another machine is answered 17 before it is checked, and other requests are carried out',
  { skip },
  async (t) => {
    const { here, there } = await twoMachines(t);
    const daemon = startDaemon(t, { args: ['--listen', '10.7.2.1:0'], under: within(here) });
    const [, port = 0] = await daemon.ports();
    const remote = new RemoteClient(t, there, port, '10.7.2.1', '10.7.2.2');
    t.match(await remote.request(create), { code: 17, body: { command: 'create_user', error: String } });
    const loginWithRef = '{"command":"authenticate_user","username":"alice","password":"x","ref":1}';
    t.match(await remote.request(loginWithRef), { code: 17, body: { ref: 1 } });
    t.equal(
      (await remote.request('create_user alice A B short')).code,
      7,
      'a request with a wrong parameter is answered 7 first',
    );
    t.equal((await remote.request('ping')).code, 1);
    t.equal((await remote.request('join_chatroom alice lobby')).code, 8);

    const local = new RemoteClient(t, here, port, '10.7.2.1', '10.7.2.1');
    t.equal((await local.request(create)).code, 1, "the machine's other addresses count as this machine too");
    t.equal((await local.request(login)).code, 1);
    t.equal((await remote.request(login)).code, 17);
  },
);

t.test('with allow_plaintext passwords are accepted from every machine', { skip }, async (t) => {
  const { here, there } = await twoMachines(t);
  const daemon = startDaemon(t, {
    args: ['--listen', '10.7.2.1:0'],
    under: within(here),
    env: { SALOND_ALLOW_PLAINTEXT: 'true' },
  });
  const [, port = 0] = await daemon.ports();
  const remote = new RemoteClient(t, there, port, '10.7.2.1', '10.7.2.2');
  for (const request of [create, login, 'join_chatroom alice lobby', 'chatroom_message alice lobby hello']) {
    t.equal((await remote.request(request)).code, 1, request);
  }
});

t.test(
  'over TLS passwords are accepted from every machine',
  { skip: skip === false ? noPrograms('openssl') : skip },
  async (t) => {
    const { here, there } = await twoMachines(t);
    const daemon = startDaemon(t, { under: within(here), env: { ...certificate(t), SALOND_TLS_LISTEN: '10.7.2.1:0' } });
    const { tls_addresses: addresses } = await daemon.logged('ready');
    const port = Number(String((addresses as string[])[0]).split(':')[1]);
    const remote = new RemoteClient(t, there, port, '10.7.2.1', '10.7.2.2', 'tls');
    for (const request of [create, login, 'join_chatroom alice lobby', 'chatroom_message alice lobby hello']) {
      t.equal((await remote.request(request)).code, 1, request);
    }
  },
);

t.test('addresses of one /64 share one limit on password attempts', { skip }, async (t) => {
  const { here, there } = await twoMachines(t);
  const daemon = startDaemon(t, {
    args: ['--listen', '[::]:0'],
    under: within(here),
    env: { SALOND_ALLOW_PLAINTEXT: 'true', SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '2' },
  });
  const [, port = 0] = await daemon.ports();
  const first = new RemoteClient(t, there, port, 'fd07:2::11', 'fd07:2::21');
  const second = new RemoteClient(t, there, port, 'fd07:2::11', 'fd07:2::22');
  t.equal((await first.request(login)).code, 4);
  t.equal((await first.request(login)).code, 4);
  t.equal((await first.request(login)).code, 14);
  t.equal((await second.request(login)).code, 14);
  const elsewhere = new RemoteClient(t, there, port, '10.7.2.1', '10.7.2.2');
  t.equal((await elsewhere.request(login)).code, 4);
});
