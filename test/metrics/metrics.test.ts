// Tests /metrics of the daemon (src/metrics), by the program where memory and first counts are looked at. Debian's
// Prometheus scrapes it, and promtool reads the alerts.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { MetricsText } from '../../src/daemon/metrics-text.js';
import { Counters } from '../../src/metrics/counters.js';
import { createRegistry } from '../../src/metrics/prometheus.js';
import { Client } from '../support/client.js';
import { root, startDaemon, temporaryFolder, type RunningDaemon } from '../support/daemon.js';
import { freePort } from '../support/free-port.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 3;
const buffered = { buffered: true };

async function begin<Started extends RunningDaemon>(
  t: Test,
  start: (t: Test, options: { readonly env: Readonly<Record<string, string>> }) => Started,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly daemon: Started; readonly port: number; readonly url: string }> {
  const daemon = start(t, { env: { SALOND_METRICS_LISTEN: '127.0.0.1:0', ...env } });
  const { metrics } = await daemon.logged('ready');
  return { daemon, port: await daemon.port(), url: `http://${String(metrics)}` };
}

/** The samples of a scrape, by name and labels. */
async function scrape(url: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${url}/metrics`);
  if (response.status !== 200 || response.headers.get('content-type')?.startsWith('text/plain; version=') !== true)
    throw new Error(String(response.status));
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

t.test('every metric counts what happened', buffered, async (t) => {
  const { daemon, port, url } = await begin(t, startDaemon, { SALOND_MAX_CONNECTIONS: '4' });
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  const guest = await Client.connect(port);
  guest.send('ping', '{"command":', 'dance', 'join_chatroom');
  for (let each = 0; each < 10; each += 1) await alice.say('alice', 'lobby', 'hello', { key: 'one and the same' });
  await alice.say('alice', 'lobby', 'another', { key: 'one and the same' });
  for (let each = 0; each < 3; each += 1) await guest.reply();
  const [fourth, fifth] = [await Client.connect(port), await Client.connect(port)];
  await fifth.closed;
  await fourth.ok('ping');
  let samples = await scrape(url);
  // The bytes of a request may be counted for a turn longer than its reply takes.
  for (let more = 0; more < 50 && samples.get('salond_buffer_bytes') !== 3000; more += 1) samples = await scrape(url);
  const wanted: Readonly<Record<string, number>> = {
    'salond_sessions{state="user"}': 2,
    'salond_sessions{state="guest"}': 2,
    salond_rooms: 1,
    salond_messages_stored_total: 1,
    salond_messages_delivered_total: 1,
    'salond_replies_total{command="chatroom_message",code="1"}': 10,
    'salond_replies_total{command="chatroom_message",code="18"}': 1,
    'salond_replies_total{command="ping",code="1"}': 2,
    'salond_replies_total{command="",code="5"}': 1,
    'salond_replies_total{command="",code="6"}': 1,
    'salond_replies_total{command="join_chatroom",code="1"}': 2,
    'salond_connections_refused_total{reason="the server has too many connections"}': 1,
    salond_commit_messages_count: 11,
    salond_commit_messages_sum: 11,
    'salond_commit_seconds_bucket{le="+Inf"}': 11,
    'salond_password_hashes{state="running"}': 0,
    'salond_password_hashes{state="waiting"}': 0,
    salond_outbox_bytes: 0,
    // A room and two members.
    salond_buffer_bytes: 3000,
    salond_reads_waiting: 0,
  };
  for (const [name, value] of Object.entries(wanted)) t.equal(samples.get(name), value, name);
  for (const name of [
    'salond_database_bytes',
    'salond_wal_bytes',
    'salond_search_bytes',
    'salond_commit_seconds_sum',
    'nodejs_eventloop_lag_p99_seconds',
    'process_resident_memory_bytes',
    'salond_buffer_limit_bytes',
  ]) {
    t.ok((samples.get(name) ?? 0) > 0, name);
  }
  const files = readdirSync(`/proc/${daemon.process.pid}/fd`).length;
  t.ok(Math.abs((samples.get('process_open_fds') ?? 0) - files) <= 8, 'the files that are open');
  t.same(
    [...samples.keys()].filter((name) => name.startsWith('nodejs_active')),
    [],
    'nothing that looks at each connection',
  );
  // Whether the index has just followed is a matter of time.
  for (const name of ['salond_search_lag_seconds', 'salond_search_lag_messages'])
    t.ok((samples.get(name) ?? -1) >= 0, name);
  bob.destroy();
});

t.test('a number that is wrong or can not be read is left out, and the others are reported', async (t) => {
  const counters = new Counters();
  let files = NaN;
  counters.messages = 7;
  counters.lines = -5;
  counters.reply('ping', 1, 3);
  counters.reply('help', 1, NaN);
  counters.close('odd "reason"\n');
  const registry = createRegistry(
    {
      counters,
      sessions: () => ({ guest: NaN, user: 2 }),
      sockets: () => ({ open: 1 }),
      rooms: () => {
        throw new Error('unreadable');
      },
      outboxBytes: () => Infinity,
      buffers: () => ({ bytes: 0, limit: Infinity }),
      readsWaiting: () => 0,
      passwords: () => ({ running: 0, waiting: 0 }),
      files: () => {
        throw new Error('unreadable');
      },
      searchLag: () => ({ seconds: NaN, messages: NaN }),
      diskFree: () => null,
      erasuresLeft: () => 0,
      writing: () => ({ failing: undefined, lastCommit: NaN, clockBehind: NaN }),
    },
    'test',
    async () => files,
  );
  const text = await registry.metrics();
  for (const line of [
    'salond_messages_stored_total 7',
    'salond_sessions{state="user"} 2',
    'salond_replies_total{command="ping",code="1"} 3',
  ])
    t.match(text, line);
  t.notMatch(text, /^salond_\S+ (-|NaN|Nan|\+Inf)/m);
  t.notMatch(text, /^process_open_fds /m);
  files = 31;
  t.match(await registry.metrics(), /^process_open_fds 31$/m);
  files = NaN;
  t.notMatch(await registry.metrics(), /^process_open_fds /m, 'nor the last one that could be read');
});

t.test('the daemon is live and ready until it drains, and serves no other path', buffered, async (t) => {
  const { daemon, port, url } = await begin(t, hostDaemon);
  // Two clients: the drain ends the first at once, and goes on for the other.
  for (let each = 0; each < 2; each += 1) await (await Client.connect(port)).ok('ping');
  for (const path of ['livez', 'readyz']) t.equal((await fetch(`${url}/${path}`)).status, 200, path);
  t.equal((await fetch(`${url}/`)).status, 404);
  t.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 405);
  const operator = await Client.connect(await daemon.control());
  await operator.ok({ command: 'drain', over: 5 });
  t.equal((await fetch(`${url}/readyz`)).status, 503);
  t.equal((await fetch(`${url}/livez`)).status, 200);
});

t.test(
  'clients that send many requests and read no answer cost little memory and lock nobody out',
  buffered,
  async (t) => {
    const { daemon, url } = await begin(t, startDaemon);
    const { hostname, port } = new URL(url);
    t.equal((await fetch(`${url}/livez`)).headers.get('connection'), 'close', 'each connection gets one answer');
    const before = daemon.peakMemory;
    const unreading = Array.from({ length: 300 }, () =>
      connect(Number(port), hostname)
        .pause()
        .on('error', () => undefined),
    );
    t.teardown(() => {
      for (const each of unreading) each.destroy();
    });
    for (const each of unreading) each.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(100));
    while (
      !(await fetch(`${url}/livez`).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await sleep(100);
    t.ok(daemon.peakMemory - before < 300, `${Math.round(daemon.peakMemory - before)} MB more`);
  },
);

t.test('a client that has its answer and does not close holds no place', buffered, async (t) => {
  const { url } = await begin(t, hostDaemon, { SALOND_METRICS_SECONDS: '60', SALOND_MAX_METRICS_CONNECTIONS: '1' });
  const { hostname, port } = new URL(url);
  for (const path of ['metrics', 'livez', 'nowhere']) {
    const client = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    t.teardown(() => client.destroy());
    client.resume().write(`GET /${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await once(client, 'end', { signal: AbortSignal.timeout(20_000) });
  }
  const refused = [...(await scrape(url)).keys()].filter((name) => name.startsWith('salond_connections_refused'));
  t.same(refused, []);
});

t.test('a port in use is reported in one line', buffered, async (t) => {
  const { url } = await begin(t, hostDaemon);
  const other = hostDaemon(t, { env: { SALOND_METRICS_LISTEN: new URL(url).host } });
  t.not((await other.exited).code, 0);
  t.match(other.text, /^salond: can't listen on 127\.0\.0\.1:\d+ for metrics: [^\n]+\n$/);
});

t.test("Debian's Prometheus scrapes the metrics", { ...buffered, skip: noPrograms('prometheus') }, async (t) => {
  const { port, url } = await begin(t, hostDaemon);
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  await alice.say('alice', 'lobby', 'hello');
  const [folder, web] = [temporaryFolder(t), await freePort()];
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'salond', static_configs: [{ targets: [new URL(url).host] }] }],
      rule_files: [join(root, 'deploy/prometheus/salond.rules.yml')],
    }),
  );
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${web}`,
    ],
    { stdio: 'ignore' },
  );
  t.teardown(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  const query = async (expression: string): Promise<string | undefined> => {
    const response = await fetch(`http://127.0.0.1:${web}/api/v1/query?query=${encodeURIComponent(expression)}`).catch(
      () => undefined,
    );
    const answer = (await response?.json()) as { data?: { result: { value: [number, string] }[] } } | undefined;
    return answer?.data?.result[0]?.value[1];
  };
  const limit = performance.now() + 30_000;
  while ((await query('salond_messages_stored_total').catch(() => undefined)) !== '1') {
    if (performance.now() > limit) throw new Error('Prometheus has no sample after 30 seconds');
    await sleep(200);
  }
  t.equal(await query('up{job="salond"}'), '1');
  t.equal(await query('salond_sessions{state="user"}'), '1');
});

t.test('promtool accepts the alerts', { skip: noPrograms('promtool') }, async (t) => {
  const { status, stdout, stderr } = spawnSync(
    'promtool',
    ['check', 'rules', join(root, 'deploy/prometheus/salond.rules.yml')],
    { encoding: 'utf8' },
  );
  t.equal(status, 0, stdout + stderr);
});

/** The least that makes each alert fire: its series, as promtool writes them, and after how many minutes. */
const alarms: Readonly<Record<string, readonly [series: string, values: string, minutes: number]>> = {
  SalondDown: ['up', '0x10', 2],
  SalondCommitsFail: ['salond_replies_total{code="2"}', '0 1x9', 4],
  SalondCannotStore: ['salond_store_writable', '0x10', 2],
  SalondDiskFills: ['salond_disk_free_bytes', '500e9-1e9x400', 390],
  SalondClockBehind: ['salond_clock_behind_seconds', '61x20', 10],
  SalondCommitsSlow: ['salond_commit_seconds_bucket{le="+Inf"}', '0+10x30', 20],
  SalondFull: ['salond_connections_refused_total{reason="the server has too many connections"}', '0 1x9', 4],
  SalondMemoryShort: ['salond_buffer_bytes', '95x20', 10],
  SalondPasswordFlood: ['salond_password_hashes{state="waiting"}', '33x20', 10],
  SalondEventLoopSlow: ['nodejs_eventloop_lag_p99_seconds', '0.3x20', 10],
  SalondLogGrows: ['salond_wal_bytes', '2e9x30', 20],
  SalondSearchBehind: ['salond_search_lag_seconds', '3601x90', 80],
  SalondErasureLeft: ['salond_erasures_left', '1x30', 20],
  SalondTrimmingFails: ['salond_trimming_failures_total', '0+1x60', 50],
};

/** What a daemon in good health shows beside that. */
const healthy = {
  'salond_commit_seconds_bucket{le="0.1"}': '0+9x400',
  'salond_commit_seconds_bucket{le="1"}': '0+9x400',
  salond_buffer_limit_bytes: '100x400',
} as const;

t.test(
  'each alert fires when its time has come, and the guide says what to do',
  { skip: noPrograms('promtool') },
  async (t) => {
    const rules = join(root, 'deploy/prometheus/salond.rules.yml');
    t.same(
      [...readFileSync(rules, 'utf8').matchAll(/alert: (\w+)/g)].map(([, name]) => name).sort(),
      Object.keys(alarms).sort(),
    );
    const labelled = (series: string): string => {
      const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
      return `${name}{${['job="salond"', ...(labels === '' ? [] : [labels])].join(',')}}`;
    };
    const tests = Object.entries(alarms).map(([alertname, [series, values, minutes]]) => ({
      interval: '1m',
      input_series: Object.entries({ ...healthy, [series]: values }).map(([each, its]) => ({
        series: labelled(each),
        values: its,
      })),
      promql_expr_test: [
        {
          expr: 'count by (alertname, alertstate) (ALERTS)',
          eval_time: `${minutes}m`,
          exp_samples: [{ labels: `{alertname="${alertname}",alertstate="firing"}`, value: 1 }],
        },
      ],
    }));
    const path = join(temporaryFolder(t), 'alerts.test.yml');
    writeFileSync(path, JSON.stringify({ rule_files: [rules], evaluation_interval: '1m', tests }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', path], { encoding: 'utf8' });
    t.equal(status, 0, stdout + stderr);
    const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8');
    for (const name of Object.keys(alarms)) t.ok(guide.includes(`\`${name}\``), name);
  },
);

t.test('alerts and dashboard use only metrics that exist', buffered, async (t) => {
  const { port, url } = await begin(t, hostDaemon);
  await (await Client.connect(port)).ok('ping');
  const text = await (await fetch(`${url}/metrics`)).text();
  const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const sources = ['deploy/prometheus/salond.rules.yml', 'deploy/grafana/salond.json']
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  const used = new Set(
    [...sources.matchAll(/\b((?:salond|nodejs|process)_[a-z0-9_]+?)(?:_bucket|_sum|_count)?\b(?=[{"\s)\\[])/g)].map(
      ([, name = '']) => name,
    ),
  );
  t.ok(used.size > 12, `${used.size} names`);
  for (const name of used) t.ok(names.has(name), name);
  const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8');
  for (const name of names)
    if (name?.startsWith('salond_') === true) {
      t.ok(guide.includes(`\`${name}\``), `${name} is in the operator's guide`);
      t.ok(used.has(name) || name === 'salond_build_info', `${name} is on the dashboard`);
    }
});

t.test('whoever asks for the metrics all the time gets a text again, and a scrape a new one', async (t) => {
  let made = 0;
  const text = new MetricsText(async () => String((made += 1)));
  let last = '';
  for (let asked = 0; asked < 1000; asked += 1) last = await text.read(asked);
  t.equal(made, 10 + 4, 'ten at once, and one each 200 ms');
  t.equal(last, '14');
  t.equal(await text.read(16_000), '15');
});
