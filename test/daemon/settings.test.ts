// Settings as the running daemon shows them: what is wrong with them is told line by line, and of three sources the
// nearest counts: flags, then the environment, then the file.
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

/** What the daemon says of itself. */
async function server(
  daemon: RunningDaemon,
): Promise<{ readonly limits: { readonly line_bytes: number }; readonly durability: string }> {
  const client = await Client.connect(await daemon.port());
  const { body } = await client.ok('get_server');
  client.destroy();
  return body as Awaited<ReturnType<typeof server>>;
}

/** The longest line that the daemon takes, as it says. */
const lineBytes = async (daemon: RunningDaemon): Promise<number> => (await server(daemon)).limits.line_bytes;

t.test('every wrong setting gets a line of its own, with its place', async (t) => {
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

t.test('a file that is not there, or no TOML, is one line', async (t) => {
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

t.test('the environment beats the file, and names it where no flag does', async (t) => {
  const config = settingsFile(t, ['max_line_bytes = 2048', 'greeting = "from the file"']);
  const daemon = startDaemon(t, { env: { SALOND_CONFIG: config, SALOND_MAX_LINE_BYTES: '4096' } });
  t.equal(await lineBytes(daemon), 4096);
  const client = await Client.connect(await daemon.port());
  t.equal((await client.next()).raw, '190\t{"text":"from the file"}', 'what the environment does not name');
  client.destroy();
});

t.test('a flag beats both', async (t) => {
  const config = settingsFile(t, ['log_level = "silent"', 'data = "/nowhere/file"', 'listen = ["192.0.2.1:1"]']);
  const daemon = startDaemon(t, {
    args: ['--config', config, '--log-level', 'debug'],
    env: { SALOND_LOG_LEVEL: 'fatal', SALOND_DATA: '/nowhere/environment', SALOND_LISTEN: '192.0.2.2:1' },
  });
  const { data, addresses } = await daemon.logged('ready');
  t.equal(data, daemon.data);
  t.equal((addresses as string[]).length, 1, 'addresses of another source are replaced, not added to');
  (await Client.connect(await daemon.port())).destroy();
  await daemon.logged('session_opened');
});

t.test('max_line_bytes of the settings is the limit of a line', async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_MAX_LINE_BYTES: '1024' } });
  const client = await Client.connect(await daemon.port());
  t.equal((await client.request(`ping ${'x'.repeat(1019)}`)).code, 1, '1,024 bytes');
  t.equal((await client.request(`ping ${'x'.repeat(1020)}`)).code, 15, 'one more');
  client.destroy();
});

t.test('clients and the log are told which durability was chosen', async (t) => {
  for (const [lines, durability] of [
    [[], 'full'],
    [['durability = "relaxed"'], 'relaxed'],
  ] as const) {
    const daemon = hostDaemon(t, { args: ['--config', settingsFile(t, lines)] });
    t.equal((await server(daemon)).durability, durability);
    t.equal((await daemon.logged('ready'))['durability'], durability);
  }
});
