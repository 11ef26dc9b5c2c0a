// `npm run test:slow`: clients that read slowly stay connected for minutes with the default settings, get every reply,
// and catch up. A client that reads nothing is closed. Tested by loopback, and by a virtual Ethernet between two
// network namespaces, where the daemon only sees what the client's kernel acknowledges.
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Client, type Line } from '../support/client.js';
import { startDaemon, type Daemon } from '../support/daemon.js';
import { unshared, within } from '../support/namespace.js';
import { noSlowReader, SlowReader, type SlowReaderOptions } from '../support/slow-reader.js';
import { skipUnlessPossible } from '../support/skip.js';

const seconds = Number(process.env['SECONDS'] ?? 180);
const stallSeconds = 10;
/**
 * How many replies to `help join_chatroom`, of 600 bytes each, are more than is read and more than the kernel buffers.
 */
const requestsFor = (bytesPerSecond: number): number => Math.max(8000, Math.ceil((bytesPerSecond * seconds) / 500));

/** The daemon's address, and the words that run a client where the address can be reached. */
interface Target {
  readonly host: string;
  readonly port: number;
  readonly under: readonly string[];
}

/** Asserts that a slow reader stays connected for minutes and gets every reply. At the end it reads at full speed. */
async function assertStays(
  t: Test,
  { host, port, under }: Target,
  options: Omit<SlowReaderOptions, 'host' | 'under'>,
  name: string,
): Promise<void> {
  const reader = new SlowReader(t, port, { ...options, host, under });
  reader.send(
    `create_user ${name} B B ${name}-password`,
    `authenticate_user ${name} ${name}-password`,
    `join_chatroom ${name} lobby`,
  );
  while (reader.replies.length < 3) await sleep(100);
  const count = requestsFor(options.bytesPerSecond);
  reader.send(...Array.from({ length: count }, () => 'help join_chatroom'));
  const started = performance.now();
  while (!reader.ended && performance.now() - started < seconds * 1000) await sleep(500);
  const stayed = Math.round((performance.now() - started) / 1000);
  t.notOk(
    reader.ended,
    `${name}: ${options.bytesPerSecond} bytes a second, there after ${stayed} s and ${reader.bytes} bytes`,
  );
  reader.hurry();
  reader.send(
    `leave_chatroom ${name} lobby`,
    `{"command":"join_chatroom","username":"${name}","room":"lobby","after":0}`,
    'quit',
  );
  await reader.closed;
  t.equal(reader.lines.filter(({ body }) => body['command'] === 'help').length, count, `${name}: every reply`);
  const past = reader.lines.filter(({ code }) => code === 110).map(({ body }) => body['id']);
  t.same(
    past,
    Array.from({ length: past.length }, (_, index) => index + 1),
  );
  t.ok(past.length > 0, `${name}: caught up with ${past.length} messages`);
  t.equal(reader.lines.at(-1)?.raw, '1\t{"command":"quit"}');
}

/** Asserts that a client that reads nothing is closed, and gets its 199 if it reads in the seconds after that. */
async function assertCloses(
  t: Test,
  { host, port, under }: Target,
  witness: { readonly lines: readonly Line[] },
): Promise<void> {
  const reader = new SlowReader(t, port, { bytesPerSecond: 0.001, receiveBuffer: 4096, host, under });
  reader.send('create_user dead D D dead-password', 'authenticate_user dead dead-password', 'join_chatroom dead lobby');
  reader.send(...Array.from({ length: requestsFor(0) }, () => 'help join_chatroom'));
  const seen = async (code: number): Promise<Line> => {
    for (;;) {
      const line = witness.lines.find((each) => each.code === code && each.body['username'] === 'dead');
      if (line !== undefined) return line;
      await sleep(50);
    }
  };
  await seen(101);
  const started = performance.now();
  t.match(await seen(102), { body: { reason: 'timeout' } }, 'the others are told why it left');
  const seconds = (performance.now() - started) / 1000;
  t.ok(seconds >= stallSeconds, `closed after ${seconds.toFixed(1)} s`);
  reader.hurry();
  await reader.closed;
  t.match(reader.lines.at(-1), { code: 199, body: { reason: 'you read nothing for too long' } });
}

/** Posts a message every second until the daemon has ended. */
async function talk(daemon: Daemon, client: Client): Promise<void> {
  while (daemon.process.exitCode === null) {
    await client.say('alice', 'lobby', 'hello');
    await sleep(1000);
  }
}

const options = { timeout: (seconds + 120) * 1000 };

t.test('slow readers stay connected over loopback', { ...options, skip: noSlowReader }, async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  const target = { host: '127.0.0.1', port, under: [] };
  const alice = await Client.connect(port);
  await alice.enter('alice', 'lobby');
  void talk(daemon, alice).catch(() => undefined);
  await Promise.all([
    assertStays(t, target, { bytesPerSecond: 60_000 }, 'reader60k'),
    assertStays(t, target, { bytesPerSecond: 20_000 }, 'reader20k'),
    assertStays(t, target, { bytesPerSecond: 2000, receiveBuffer: 4096 }, 'reader2k'),
    assertStays(t, target, { bytesPerSecond: 200 }, 'reader200'),
    assertCloses(t, target, alice),
  ]);
});

const [unshare = '', ...unshareOptions] = unshared('net');
const noNetwork = skipUnlessPossible(
  spawnSync(unshare, [...unshareOptions, 'ip', 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other'])
    .status === 0,
  'needs network namespaces and iproute2 with veth',
);

t.test('slow readers stay connected over a network', { ...options, skip: noSlowReader || noNetwork }, async (t) => {
  const there = spawn(unshare, [...unshareOptions, 'sleep', '3600'], { stdio: 'ignore' });
  t.teardown(() => there.kill('SIGKILL'));
  const daemon = startDaemon(t, {
    under: [...unshared('net'), 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
    args: ['--listen', '0.0.0.0:0'],
    // As on loopback nothing is refused for being too much: this is about reading alone.
    env: { SALOND_ALLOW_PLAINTEXT: 'true', SALOND_EXEMPT_ADDRESSES: '192.0.2.2' },
  });
  const port = (await daemon.ports()).at(-1) ?? 0;
  const [here, far] = [within('net', daemon.process.pid ?? 0), within('net', there.pid ?? 0)];
  const run = (words: readonly string[]): void => {
    const [program = '', ...args] = words;
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    t.equal(status, 0, stderr);
  };
  run([...here, 'ip', 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other', 'netns', String(there.pid)]);
  run([...here, 'sh', '-c', 'ip addr add 192.0.2.1/24 dev one && ip link set one up']);
  run([...far, 'sh', '-c', 'ip addr add 192.0.2.2/24 dev other && ip link set other up']);
  const target = { host: '192.0.2.1', port, under: far };
  const talker = new SlowReader(t, port, { ...target, bytesPerSecond: 1_000_000 });
  talker.send(
    'create_user alice A A alice-password',
    'authenticate_user alice alice-password',
    'join_chatroom alice lobby',
  );
  while (talker.replies.length < 3) await sleep(100);
  const talking = setInterval(() => talker.send('chatroom_message alice lobby hello'), 1000);
  t.teardown(() => clearInterval(talking));
  await Promise.all([
    assertStays(t, target, { bytesPerSecond: 60_000 }, 'reader60k'),
    assertStays(t, target, { bytesPerSecond: 20_000 }, 'reader20k'),
    assertStays(t, target, { bytesPerSecond: 2000, receiveBuffer: 4096 }, 'reader2k'),
    assertCloses(t, target, talker),
  ]);
});
