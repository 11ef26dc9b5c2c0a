// How the daemon starts, and how it says why it does not: one line, and exit code 1.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../support/client.js';
import { cheapPasswords, launcher, noIpv6, root, startDaemon, temporaryFolder } from '../support/daemon.js';

const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }).version;

// Each waits for daemons to start.
t.jobs = 2;
const buffered = { buffered: true };

interface End {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the daemon where it is to end by itself. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<End> {
  const options = { timeout: 20_000, env: { PATH: process.env['PATH'], ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, ...args], options, (error, stdout, stderr) => {
      resolve({ status: error?.code ?? 0, stdout, stderr });
    });
  });
}

t.test('ready names every address with the port that was got, and each answers', { ...buffered, skip: noIpv6 }, async (t) => {
  const daemon = startDaemon(t, { args: ['--listen', '[::1]:0', '--listen', 'localhost:0', '--listen', '127.0.0.2:0'] });
  const { addresses, version: named, pid, data } = await daemon.logged('ready');
  t.match(addresses, [
    /^127\.0\.0\.1:[1-9]\d*$/, /^\[::1\]:[1-9]\d*$/, /^(?:127\.0\.0\.1|\[::1\]):[1-9]\d*$/, /^127\.0\.0\.2:[1-9]\d*$/,
  ]);
  t.match({ named, pid, data }, { named: version, pid: daemon.process.pid, data: daemon.data });
  for (const address of addresses as string[]) {
    const colon = address.lastIndexOf(':');
    const client = await Client.connect(Number(address.slice(colon + 1)), address.slice(0, colon).replace(/[[\]]/g, ''));
    t.equal((await client.request('ping')).raw, '1\t{"command":"ping"}', address);
    client.destroy();
  }
});

t.test('[::] is every address of the machine, of IPv4 too', { ...buffered, skip: noIpv6 }, async (t) => {
  const daemon = startDaemon(t, { args: ['--listen', '[::]:0'] });
  const [, port = 0] = await daemon.ports();
  for (const host of ['::1', '127.0.0.1']) {
    const client = await Client.connect(port, host);
    t.equal((await client.request('ping')).code, 1, host);
    client.destroy();
  }
});

t.test('a port in use ends it with one line that names the address', buffered, async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.teardown(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const args = ['--listen', '127.0.0.1:0', '--listen', `127.0.0.1:${port}`, '--data', temporaryFolder(t)];
  const { status, stdout, stderr } = await run(args);
  t.equal(status, 69);
  t.equal(stdout, '');
  t.equal(stderr, `salond: can't listen on 127.0.0.1:${port}: it is in use\n`);
});

t.test('an address of another machine ends it with one line', buffered, async (t) => {
  const { status, stderr } = await run(['--listen', '192.0.2.1:7256', '--data', temporaryFolder(t)]);
  t.equal(status, 69);
  t.equal(stderr, "salond: can't listen on 192.0.2.1:7256: this machine has no such address\n");
});

t.test('data that another daemon holds ends it with one line, and the other goes on', buffered, async (t) => {
  const daemon = startDaemon(t);
  const client = await Client.connect(await daemon.port());
  const { status, stderr } = await run(['--listen', '127.0.0.1:0', '--data', daemon.data]);
  t.equal(status, 65);
  t.match(stderr, /^salond: \S+ is in use by another salond\n$/);
  await client.enter('alice', 'lobby');
});

t.test('data that is none of its own ends it with one line, and stays as it is', buffered, async (t) => {
  const data = temporaryFolder(t);
  const file = join(data, 'salond.db');
  writeFileSync(file, 'dear diary\n');
  const { status, stderr } = await run(['--listen', '127.0.0.1:0', '--data', data]);
  t.equal(status, 65);
  t.match(stderr, /^salond: \S+ is not a database\n$/);
  t.equal(readFileSync(file, 'utf8'), 'dear diary\n');
  t.match(await run(['--listen', '127.0.0.1:0', '--data', file]), { status: 65, stderr: /^salond: \S+ is not a folder\n$/ });
});

t.test('--version and --help answer on standard output, whatever else is wrong', buffered, async (t) => {
  t.match(await run(['--version', '--listen', 'nowhere']), { status: 0, stdout: `salond ${version}\n`, stderr: '' });
  const { status, stdout, stderr } = await run(['--help'], { SALOND_MAX_CONNECTIONS: 'many' });
  t.match({ status, stderr }, { status: 0, stderr: '' });
  for (const word of ['Usage: salond', '--check-config', 'max_outbox_bytes', 'SALOND_MAX_LINE_BYTES']) t.match(stdout, word);
});

t.test('--check-config says that the settings are good, and starts nothing', buffered, async (t) => {
  const data = join(temporaryFolder(t), 'not-made');
  const { status, stdout, stderr } = await run(['--check-config', '--data', data], cheapPasswords);
  t.match({ status, stdout, stderr }, { status: 0, stdout: 'the settings are good\n', stderr: '' });
  t.equal((await run(['--check-config', '--data', data, '--config', join(root, 'docs/salond.example.toml')])).status, 0);
  t.throws(() => readFileSync(data), { code: 'ENOENT' });
});
