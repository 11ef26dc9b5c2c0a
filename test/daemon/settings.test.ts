// Tests the settings of the running program: mistakes are reported line by line, flags beat the environment, and the
// environment beats the file.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../support/client.js';
import { launcher, type RunningDaemon, startDaemon, type Teardown, temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

function settingsFile(t: Teardown, lines: readonly string[]): string {
  const path = join(temporaryFolder(t), 'salond.toml');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

/** The reply to get_server. */
async function getServer(
  daemon: RunningDaemon,
): Promise<{ readonly limits: { readonly line_bytes: number }; readonly durability: string }> {
  const client = await Client.connect(await daemon.port());
  const { body } = await client.ok('get_server');
  client.destroy();
  return body as Awaited<ReturnType<typeof getServer>>;
}

/** The length of the longest request line, as the daemon reports it. */
const lineBytes = async (daemon: RunningDaemon): Promise<number> => (await getServer(daemon)).limits.line_bytes;

t.test('every wrong setting is reported in its own line, with its place', async (t) => {
  const path = settingsFile(t, [
    'max_connections = 0',
    '',
    'greetings = "hello"',
    'listen = [',
    '  "127.0.0.1:7256",',
    '  "nowhere"',
    ']',
  ]);
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, '--config', path, '--log-level', 'loud'], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { SALOND_STALL_SECONDS: 'soon', SALOND_MAX_CONECTIONS: '5' },
  });
  t.match({ status, stdout }, { status: 78, stdout: '' });
  const lines = stderr.trimEnd().split('\n');
  t.equal(lines.length, 6, stderr);
  const places = [
    `${path}:1: max_connections`,
    `${path}:3: unknown key "greetings"`,
    `${path}:6: listen`,
    'SALOND_STALL_SECONDS:',
    'SALOND_MAX_CONECTIONS:',
    '--log-level:',
  ];
  for (const place of places) t.equal(lines.filter((line) => line.startsWith(`salond: ${place}`)).length, 1, place);
});

t.test('a file that is missing or not TOML is reported in one line', async (t) => {
  const missing = join(temporaryFolder(t), 'missing.toml');
  const broken = settingsFile(t, ['registration = "open"', 'greeting = hello there']);
  for (const [path, place] of [
    [missing, `${missing}: `],
    [broken, `${broken}:2: `],
  ] as const) {
    const args = [launcher, '--check-config', '--config', path];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000, env: {} });
    t.equal(status, 78);
    t.equal(stderr.split('\n').length, 2, stderr);
    t.ok(stderr.startsWith(`salond: ${place}`), stderr);
  }
});

t.test('the file beats the defaults', async (t) => {
  const config = settingsFile(t, ['max_line_bytes = 2048', 'log_level = "debug"']);
  const daemon = hostDaemon(t, { args: ['--config', config] });
  t.equal(await lineBytes(daemon), 2048);
  t.equal((await daemon.logged('session_opened')).level, 'debug');
});

t.test('the environment beats the file, and can name it', async (t) => {
  const config = settingsFile(t, ['max_line_bytes = 2048', 'greeting = "from the file"']);
  const daemon = startDaemon(t, { env: { SALOND_CONFIG: config, SALOND_MAX_LINE_BYTES: '4096' } });
  t.equal(await lineBytes(daemon), 4096);
  const client = await Client.connect(await daemon.port());
  t.equal((await client.next()).raw, '190\t{"text":"from the file"}', 'other settings come from the file');
  client.destroy();
});

t.test('a flag beats the environment and the file', async (t) => {
  const config = settingsFile(t, ['log_level = "silent"', 'data = "/nowhere/file"', 'listen = ["192.0.2.1:1"]']);
  const daemon = startDaemon(t, {
    args: ['--config', config, '--log-level', 'debug'],
    env: { SALOND_LOG_LEVEL: 'fatal', SALOND_DATA: '/nowhere/environment', SALOND_LISTEN: '192.0.2.2:1' },
  });
  const { data, addresses } = await daemon.logged('ready');
  t.equal(data, daemon.data);
  t.equal((addresses as string[]).length, 1, 'flags replace the addresses of other sources');
  (await Client.connect(await daemon.port())).destroy();
  await daemon.logged('session_opened');
});

t.test('a request line may have max_line_bytes bytes', async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_MAX_LINE_BYTES: '1024' } });
  const client = await Client.connect(await daemon.port());
  t.equal((await client.request(`ping ${'x'.repeat(1019)}`)).code, 1, '1,024 bytes');
  t.equal((await client.request(`ping ${'x'.repeat(1020)}`)).code, 15, '1,025 bytes');
  client.destroy();
});

t.test('get_server and the log report the durability', async (t) => {
  for (const [lines, durability] of [
    [[], 'full'],
    [['durability = "relaxed"'], 'relaxed'],
  ] as const) {
    const daemon = hostDaemon(t, { args: ['--config', settingsFile(t, lines)] });
    t.equal((await getServer(daemon)).durability, durability);
    t.equal((await daemon.logged('ready'))['durability'], durability);
  }
});
