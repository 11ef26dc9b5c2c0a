// Tests reloads of the settings: a reload that can't read the settings again as the start did fails and changes
// nothing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 4;
const buffered = { buffered: true };

let names = 0;

/** Whether registration is open in the daemon. Each call tries to create a user with a new name. */
async function registration(daemon: Daemon): Promise<'open' | 'closed'> {
  const client = await Client.connect(await daemon.port());
  const { code } = await client.request(`create_user guest${(names += 1)} A B rabbit-hole`);
  client.destroy();
  return code === 1 ? 'open' : 'closed';
}

/** Asserts that a reload by command and one by signal fail, and that registration stays closed. */
async function assertRefused(t: Test, daemon: Daemon, says: RegExp, what: string): Promise<void> {
  const operator = await Client.connect(await daemon.control());
  t.match(await operator.request('reload'), { code: 7, body: { error: says } }, what);
  operator.destroy();
  const before = daemon.log.filter(({ event }) => event === 'reload_failed').length;
  daemon.process.kill('SIGHUP');
  while (daemon.log.filter(({ event }) => event === 'reload_failed').length === before)
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  t.equal(await registration(daemon), 'closed', what);
}

const piped: Readonly<Record<string, string>> = {
  'process substitution': `exec "$@" --config <(echo 'registration = "closed"')`,
  'standard input from a pipe': `exec "$@" --config /dev/stdin < <(echo 'registration = "closed"')`,
  'a descriptor': `exec "$@" --config /dev/fd/7 7< <(echo 'registration = "closed"')`,
};

for (const [what, script] of Object.entries(piped)) {
  t.test(
    `a reload of settings that came from a pipe fails: ${what}`,
    { ...buffered, skip: noPrograms('bash') },
    async (t) => {
      const daemon = startDaemon(t, { under: ['bash', '-c', script, 'bash'] });
      t.equal(await registration(daemon), 'closed');
      await assertRefused(t, daemon, /nothing was changed: \S+: the settings came from a pipe or a device/, what);
      t.equal((await daemon.stop()).code, 0);
    },
  );
}

t.test('a reload does not wait for a named pipe', buffered, async (t) => {
  const pipe = join(temporaryFolder(t), 'settings');
  execFileSync('mkfifo', [pipe]);
  const daemon = startDaemon(t, { args: ['--config', pipe] });
  writeFileSync(pipe, 'registration = "closed"\n');
  await assertRefused(t, daemon, /came from a pipe/, 'a named pipe');
});

t.test(
  'a reload of a settings file that has become unreadable or wrong changes nothing, and one of a good file is applied',
  buffered,
  async (t) => {
    const folder = temporaryFolder(t);
    const config = join(folder, 'salond.toml');
    writeFileSync(config, 'registration = "closed"\n');
    const daemon = startDaemon(t, { args: ['--config', config] });
    await daemon.port();
    const remove = (): void => rmSync(config, { recursive: true, force: true });
    const damages: readonly (readonly [string, () => void, RegExp])[] = [
      ['missing', remove, /no such file or directory/],
      ['empty', () => writeFileSync(config, ''), /is empty, and had settings before/],
      ['blank', () => writeFileSync(config, ' \n\n'), /is empty, and had settings before/],
      [
        'a folder',
        () => {
          remove();
          mkdirSync(config);
        },
        /no plain file any more/,
      ],
      [
        'a pipe',
        () => {
          remove();
          execFileSync('mkfifo', [config]);
        },
        /no plain file any more/,
      ],
      [
        'endless',
        () => {
          remove();
          execFileSync('ln', ['-s', '/dev/zero', config]);
        },
        /no plain file any more/,
      ],
      [
        'not UTF-8',
        () => {
          remove();
          writeFileSync(config, Buffer.from([0xff, 0xfe]));
        },
        /cannot be read/,
      ],
      ['half written', () => writeFileSync(config, 'registration = "clo'), /salond\.toml:1: /],
      [
        'two addresses that exclude one another',
        () => writeFileSync(config, 'tls_listen = []\nmetrics_listen = ["127.0.0.1:0", "127.0.0.1:0"]'),
        /metrics_listen/,
      ],
    ];
    for (const [what, damage, says] of damages) {
      damage();
      await assertRefused(t, daemon, says, what);
    }
    const operator = await Client.connect(await daemon.control());
    writeFileSync(`${config}.new`, '# nothing but the defaults, on purpose\n');
    renameSync(`${config}.new`, config);
    t.match(await operator.request('reload'), { body: { applied: ['registration'], restart: [] } });
    t.equal(await registration(daemon), 'open');
  },
);

t.test(
  'a reload reports an address that is in two settings, even if only a restart would listen there',
  buffered,
  async (t) => {
    const config = join(temporaryFolder(t), 'salond.toml');
    writeFileSync(config, 'registration = "closed"\n');
    const daemon = startDaemon(t, { args: ['--config', config] });
    await daemon.port();
    writeFileSync(
      config,
      'registration = "open"\ntls_listen = ["127.0.0.1:9"]\nmetrics_listen = ["[::]:9"]\n' +
        'tls_certificate = ["/nowhere"]\ntls_key = ["/nowhere"]\n',
    );
    await assertRefused(
      t,
      daemon,
      /nothing was changed: tls_listen has 127\.0\.0\.1:9 and metrics_listen has \[::\]:9/,
      'overlap',
    );
  },
);

t.test('a change of trusted_proxies waits for a restart if proxy_protocol changed too', buffered, async (t) => {
  const config = join(temporaryFolder(t), 'salond.toml');
  const plain = 'exempt_addresses = []\n';
  writeFileSync(config, plain);
  const env = {
    SALOND_LISTEN: '127.0.0.1:0',
    SALOND_PROXY_PROTOCOL: '127.0.0.1:0',
    SALOND_TRUSTED_PROXIES: '127.0.0.1',
  };
  // A reload can't change settings of the environment, so these are in the file.
  writeFileSync(config, `${plain}proxy_protocol = ["127.0.0.1:0"]\ntrusted_proxies = ["127.0.0.1"]\n`);
  const daemon = startDaemon(t, { args: ['--config', config], env: { SALOND_LISTEN: env.SALOND_LISTEN } });
  const operator = await Client.connect(await daemon.control());
  const address = async (): Promise<unknown> => {
    const client = await Client.connect(await daemon.port());
    client.send('PROXY TCP4 192.0.2.7 192.0.2.1 1000 7256\r', 'ping');
    return (await client.next().catch(() => undefined))?.raw;
  };
  t.match(await address(), /^1\t/);
  writeFileSync(config, plain);
  t.match(await operator.request('reload'), { body: { applied: [], restart: ['proxy_protocol', 'trusted_proxies'] } });
  t.match(await address(), /^1\t/, 'the old proxy is still trusted on the address that expects its header');
  writeFileSync(config, `${plain}proxy_protocol = ["127.0.0.1:0"]\ntrusted_proxies = ["192.0.2.9"]\n`);
  t.match(await operator.request('reload'), { body: { applied: ['trusted_proxies'], restart: [] } });
  t.match(await address(), /^199\t.*only proxies/);
});
