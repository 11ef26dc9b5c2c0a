// Tests how the daemon starts. If it can't, it reports each reason in one line and ends with a status of sysexits(3).
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { certificate } from '../support/certificate.js';
import { resultOfCheckConfig } from '../support/checks.js';
import { Client } from '../support/client.js';
import { cheapPasswords, launcher, noIpv6, root, startDaemon, temporaryFolder } from '../support/daemon.js';
import { freePort } from '../support/free-port.js';
import { hostDaemon } from '../support/in-process.js';

const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }).version;

// The tests mostly wait for daemons to start.
t.jobs = 2;
const buffered = { buffered: true };

interface End {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program and waits until it ends by itself. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<End> {
  const options = { timeout: 20_000, env: { PATH: process.env['PATH'], ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, ...args], options, (error, stdout, stderr) => {
      resolve({ status: error?.code ?? 0, stdout, stderr });
    });
  });
}

/** The end of a daemon of this process, in words as the program's. Each kind of end is seen of the program too. */
async function refused(t: Test, args: readonly string[], data?: string): Promise<Omit<End, 'stdout'>> {
  const daemon = hostDaemon(t, { args, ...(data === undefined ? {} : { data }) });
  const { code } = await daemon.exited;
  return { status: code, stderr: daemon.text };
}

t.test(
  'the event ready names every address with its real port, and each of them answers',
  { ...buffered, skip: noIpv6 },
  async (t) => {
    const daemon = startDaemon(t, {
      args: ['--listen', '[::1]:0', '--listen', 'localhost:0', '--listen', '127.0.0.2:0'],
    });
    const { addresses, version: named, pid, data } = await daemon.logged('ready');
    t.match(addresses, [
      /^127\.0\.0\.1:[1-9]\d*$/,
      /^\[::1\]:[1-9]\d*$/,
      /^127\.0\.0\.1:[1-9]\d*$/,
      /^\[::1\]:[1-9]\d*$/,
      /^127\.0\.0\.2:[1-9]\d*$/,
    ]);
    t.match({ named, pid, data }, { named: version, pid: daemon.process.pid, data: daemon.data });
    for (const address of addresses as string[]) {
      const colon = address.lastIndexOf(':');
      const client = await Client.connect(
        Number(address.slice(colon + 1)),
        address.slice(0, colon).replace(/[[\]]/g, ''),
      );
      t.equal((await client.request('ping')).raw, '1\t{"command":"ping"}', address);
      client.destroy();
    }
  },
);

t.test('[::] listens on every address of the machine, also those of IPv4', { ...buffered, skip: noIpv6 }, async (t) => {
  const daemon = hostDaemon(t, { args: ['--listen', '[::]:0'] });
  const [, port = 0] = await daemon.ports();
  for (const host of ['::1', '127.0.0.1']) {
    const client = await Client.connect(port, host);
    t.equal((await client.request('ping')).code, 1, host);
    client.destroy();
  }
});

t.test('a port in use ends the daemon with one line that names the address', buffered, async (t) => {
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

t.test('an address of another machine ends the daemon with one line', buffered, async (t) => {
  const { status, stderr } = await refused(t, ['--listen', '192.0.2.1:7256']);
  t.equal(status, 69);
  t.equal(stderr, "salond: can't listen on 192.0.2.1:7256: this machine has no such address\n");
});

t.test('data that another daemon uses ends the daemon with one line, and the other goes on', buffered, async (t) => {
  const daemon = startDaemon(t);
  const client = await Client.connect(await daemon.port());
  const { status, stderr } = await run(['--listen', '127.0.0.1:0', '--data', daemon.data]);
  t.equal(status, 65);
  t.match(stderr, /^salond: \S+ is in use by another salond\n$/);
  await client.enter('alice', 'lobby');
});

t.test('a file that is no data of salond ends the daemon with one line, and stays as it is', buffered, async (t) => {
  const data = temporaryFolder(t);
  const file = join(data, 'salond.db');
  writeFileSync(file, 'dear diary\n');
  const { status, stderr } = await run(['--listen', '127.0.0.1:0', '--data', data]);
  t.equal(status, 65);
  t.match(stderr, /^salond: \S+ is not a database\n$/);
  t.equal(readFileSync(file, 'utf8'), 'dear diary\n');
  t.match(await refused(t, [], file), {
    status: 65,
    stderr: /^salond: \S+ is not a folder\n$/,
  });
});

t.test('any other refusal by the system ends the daemon with one line', buffered, async (t) => {
  const data = temporaryFolder(t);
  mkdirSync(join(data, 'salond.db-new/x'), { recursive: true });
  const { status, stderr } = await run(['--listen', '127.0.0.1:0', '--data', data]);
  t.ok(status === 71 || status === 65, stderr);
  t.match(stderr, /^salond: [^\n]*salond\.db-new[^\n]*\n$/);
});

t.test('--version and --help print to standard output, even if settings are wrong', buffered, async (t) => {
  t.match(await run(['--version', '--listen', 'nowhere']), { status: 0, stdout: `salond ${version}\n`, stderr: '' });
  const { status, stdout, stderr } = await run(['--help'], { SALOND_MAX_CONNECTIONS: 'many' });
  t.match({ status, stderr }, { status: 0, stderr: '' });
  for (const word of ['Usage: salond', '--check-config', 'max_outbox_bytes', 'SALOND_MAX_LINE_BYTES'])
    t.match(stdout, word);
});

t.test('localhost listens on both address families, on one port', { ...buffered, skip: noIpv6 }, async (t) => {
  const port = await freePort();
  const daemon = hostDaemon(t, {
    args: ['--listen', 'localhost:0', '--listen', `localhost:${port}`],
    env: { SALOND_METRICS_LISTEN: 'localhost:0' },
  });
  const [, four, six, ...others] = await daemon.ports();
  t.equal(four, six);
  t.same(others, [port, port]);
  for (const [host, where = 0] of [
    ['127.0.0.1', four],
    ['::1', six],
    ['127.0.0.1', port],
    ['::1', port],
  ] as const) {
    const client = await Client.connect(where, host);
    t.equal((await client.request('ping')).code, 1, host);
    client.destroy();
  }
  const metrics = String((await daemon.logged('ready'))['metrics']);
  t.match(metrics, /^127\.0\.0\.1:(\d+), \[::1\]:\1$/);
  for (const address of metrics.split(', ')) t.equal((await fetch(`http://${address}/livez`)).status, 200, address);
  t.equal((await daemon.stop()).code, 0);
});

t.test(
  'a port of localhost that is in use in one family ends the daemon with one line that names it',
  { ...buffered, skip: noIpv6 },
  async (t) => {
    const other = createServer().listen(0, '::1');
    t.teardown(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { status, stderr } = await refused(t, ['--listen', `localhost:${port}`]);
    t.equal(status, 69);
    t.equal(stderr, `salond: can't listen on localhost:${port} (::1): it is in use\n`);
  },
);

t.test(
  'addresses that exclude each other end the daemon with one line that names both settings',
  buffered,
  async (t) => {
    const args = ['--data', temporaryFolder(t), '--listen', '127.0.0.1:9'];
    const pair = certificate(t);
    const wrong: readonly (readonly [readonly string[], Readonly<Record<string, string>>, RegExp])[] = [
      [['--listen', '127.0.0.1:9'], {}, /^salond: listen has 127\.0\.0\.1:9 twice\n$/],
      [
        ['--listen', 'localhost:9'],
        {},
        /^salond: listen has 127\.0\.0\.1:9 and localhost:9, which can't both be listened on: one includes the other\n$/,
      ],
      [
        [],
        { ...pair, SALOND_TLS_LISTEN: '[::]:9' },
        /^salond: listen has 127\.0\.0\.1:9 and tls_listen has \[::\]:9, which can't/,
      ],
      [[], { SALOND_METRICS_LISTEN: '127.0.0.1:9' }, /^salond: listen and metrics_listen both have 127\.0\.0\.1:9\n$/],
    ];
    for (const [more, env, says] of wrong) {
      t.match(await resultOfCheckConfig([...args, ...more], env), { status: 78, stderr: says });
      if (more.length === 0) continue;
      t.match(await run([...args, ...more], env), { status: 78, stderr: says });
    }
  },
);

/**
 * The variables that Kubernetes sets in every container if there is a Service `salond` with two ports and a Service
 * `salond-metrics`.
 */
const kubernetesVariables: Readonly<Record<string, string>> = {
  SALOND_SERVICE_HOST: '10.96.3.7',
  SALOND_SERVICE_PORT: '7256',
  SALOND_SERVICE_PORT_PLAIN: '7256',
  SALOND_SERVICE_PORT_TLS_LINES: '7257',
  SALOND_PORT: 'tcp://10.96.3.7:7256',
  SALOND_PORT_7256_TCP: 'tcp://10.96.3.7:7256',
  SALOND_PORT_7256_TCP_PROTO: 'tcp',
  SALOND_PORT_7256_TCP_PORT: '7256',
  SALOND_PORT_7256_TCP_ADDR: '10.96.3.7',
  SALOND_METRICS_SERVICE_HOST: 'fd00::7',
  SALOND_METRICS_PORT: 'udp://[fd00::7]:9256',
  SALOND_METRICS_SERVICE_PORT: '9256',
};

t.test('the variables of Kubernetes are ignored, and named in the log', buffered, async (t) => {
  const daemon = startDaemon(t, { env: kubernetesVariables });
  t.same((await daemon.logged('kubernetes_variables_ignored'))['variables'], Object.keys(kubernetesVariables).sort());
  t.equal((await (await Client.connect(await daemon.port())).request('ping')).code, 1);
  t.match(await (await Client.connect(await daemon.control())).request('reload'), {
    body: { applied: [], restart: [] },
  });
});

t.test('a variable that only looks like one of Kubernetes is an error that names the cause', buffered, async (t) => {
  const wrong = {
    SALOND_PORT: '7256',
    SALOND_SERVICE_HOST: 'chat',
    SALOND_PORT_7256_TCP: '10.0.0.7:7256',
    SALOND_METRICS_PORT: 'http://10.0.0.7:9256',
    SALOND_SERVICE_PORT: 'many',
  };
  const { status, stderr } = await run(['--check-config'], wrong);
  t.equal(status, 78);
  for (const [name, value] of Object.entries(wrong)) {
    t.ok(
      stderr.includes(
        `salond: ${name}: unknown variable (Kubernetes makes such of a Service, but not with the value "${value}"; SALOND_LISTEN says where to listen)\n`,
      ),
      stderr,
    );
  }
});

t.test('--check-config reports that the settings are good, and starts nothing', buffered, async (t) => {
  const data = join(temporaryFolder(t), 'not-created');
  const { status, stdout, stderr } = await run(['--check-config', '--data', data], cheapPasswords);
  t.match({ status, stdout, stderr }, { status: 0, stdout: 'the settings are good\n', stderr: '' });
  t.equal(
    (await resultOfCheckConfig(['--data', data, '--config', join(root, 'docs/salond.example.toml')], {})).status,
    0,
  );
  t.throws(() => readFileSync(data), { code: 'ENOENT' });
});
