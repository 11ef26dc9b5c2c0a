// Tests the memory that sessions take which ask for much and read nothing: each is counted, and holds a part of what it
// asked for at a time. Pages alone put nobody out: they wait. Beyond max_buffer_bytes those that hold most are put out
// with a 199, and nobody else is.
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, type Daemon } from '../support/daemon.js';

const reason = 'the server needs the memory that this session takes';

/** A daemon with a room of 1,000 long messages, and a reader of its metrics. */
async function begin(
  t: Test,
  env: Readonly<Record<string, string>>,
): Promise<{
  readonly daemon: Daemon;
  readonly alice: Client;
  readonly enter: () => Promise<Client>;
  readonly metric: (name: string) => Promise<number>;
}> {
  const daemon = startDaemon(t, { env: { SALOND_METRICS_LISTEN: '127.0.0.1:0', SALOND_STALL_SECONDS: '120', ...env } });
  const port = await daemon.port();
  // From another address than the greedy ones.
  const alice = await (await Client.connectFrom('127.0.0.2', port)).enter('alice', 'lobby');
  for (let batch = 0; batch < 10; batch += 1) {
    alice.send(...Array.from({ length: 100 }, () => `chatroom_message alice lobby ${'x'.repeat(4096)}`));
    for (let each = 0; each < 100; each += 1) await alice.reply();
  }
  return {
    daemon,
    alice,
    enter: async () => {
      const client = await Client.connect(port);
      t.teardown(() => client.destroy());
      return client.enter('alice', 'lobby');
    },
    metric: async (name) => {
      const text = await daemon.metrics();
      const line = text
        .split('\n')
        .find((each) => each.startsWith(`${name} `) || (each.startsWith(`${name}{`) && each.includes(reason)));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
  };
}

/** Fulfils when it holds. The file's timeout ends it otherwise. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}

const ask = { command: 'chatroom_history', room: 'lobby', limit: 1000 };

t.test('24 sessions that ask for 1,000 long messages and read nothing hold a part of them each', async (t) => {
  const { daemon, alice, enter, metric } = await begin(t, {});
  const before = daemon.peakMemory;
  const sessions = 24;
  const greedy = [];
  for (let count = 0; count < sessions; count += 1) greedy.push(await enter());
  for (const client of greedy) {
    client.socket.pause();
    // The kernel takes up to ten megabytes of them.
    client.send(ask, ask, ask, ask);
  }
  t.match(await alice.request(ask), { code: 1, body: { count: 1000, more: false, last: 1000 } });
  await until(async () => (await metric('salond_buffer_bytes')) > sessions * 16_384);
  const held = await metric('salond_buffer_bytes');
  t.ok(held < sessions * 524_288, `${held} bytes are held`);
  t.comment(`${held} bytes are held, and the daemon grew by ${Math.round(daemon.peakMemory - before)} MB`);
  t.ok(daemon.peakMemory - before < 150, `the daemon grew by ${Math.round(daemon.peakMemory - before)} MB`);
  // Whoever reads at last gets all of the page.
  const [late] = greedy;
  late?.socket.resume();
  t.match(await late?.reply(), { code: 1, body: { count: 1000 } });
  for (const client of greedy) client.destroy();
  alice.destroy();
});

t.test(
  'pages alone put nobody out; beyond max_buffer_bytes those go that hold most, and readers are served',
  async (t) => {
    const limit = 1_100_000;
    const { alice, enter, metric } = await begin(t, { SALOND_MAX_BUFFER_BYTES: String(limit) });
    t.equal(await metric('salond_buffer_limit_bytes'), limit);
    const greedy: Client[] = [];
    const come = async (): Promise<void> => {
      const client = await enter();
      greedy.push(client);
      client.socket.pause();
      client.send(ask, ask, ask, ask, 'ping');
      await pause(50);
    };
    // How much each holds depends on what the kernel takes. They come until no more is read for them, and some more.
    await until(async () => {
      await come();
      return (await metric('salond_buffer_bytes')) > 0.75 * limit;
    });
    for (let count = 0; count < 3; count += 1) await come();
    t.match(await alice.request(ask), { code: 1, body: { count: 1000 } }, 'who reads is served');
    t.equal(await metric('salond_connections_closed_total'), 0, 'nobody is put out');
    // What is said in the room waits for them too.
    await until(async () => {
      await alice.say('alice', 'lobby', 'x'.repeat(4096));
      return (await metric('salond_connections_closed_total')) > 0;
    });
    t.match(await alice.request(ask), { code: 1, body: { count: 1000 } }, 'who reads is served');
    t.ok((await metric('salond_buffer_bytes')) <= 1.5 * limit);
    const putOut = await metric('salond_connections_closed_total');
    t.ok(putOut < greedy.length, `${putOut} were put out`);
    const endOf = async (client: Client): Promise<string> => {
      client.socket.resume();
      for (;;) {
        const { code, body } = await client.next();
        if (code === 1 && body['command'] === 'ping') return 'served';
        if (code === 199) return `${String(body['reason'])}, ${String(body['retry_after'])}`;
      }
    };
    // What they read now has to be read for them, so more of them may be put out, and some be cut off.
    const ends = await Promise.all(greedy.map((client) => endOf(client).catch(() => 'cut off')));
    const out = ends.filter((end) => end !== 'served');
    t.ok(out.includes(`${reason}, 1000`), 'told why, and when to come back');
    t.ok(
      out.every((end) => end === `${reason}, 1000` || end === 'cut off'),
      out.join('\n'),
    );
    t.ok(out.length >= putOut, `${out.length} were put out in the end`);
    for (const client of greedy) client.destroy();
    alice.destroy();
  },
);
