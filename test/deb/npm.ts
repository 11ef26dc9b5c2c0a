// `npm run test:deb`, second part: the file of `npm pack` can be installed for everybody, and runs. To save time
// sqlite3 is not compiled again: its addon is copied from this checkout. `npm ci` tests the compiler.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { addon } from '../../tools/deb/packages.js';
import { Client } from '../support/client.js';
import { cheapPasswords, Daemon, root } from '../support/daemon.js';
import { run } from './debian.js';

t.test('the package that npm packs runs after its installation', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'salond-npm-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const prefix = join(folder, 'usr');

  const packed = run('npm', ['pack', '--silent', '--pack-destination', folder], root);
  t.equal(packed.status, 0, packed.text);
  const [tarball = ''] = /salond-\S+\.tgz/.exec(packed.text) ?? [];
  const installed = run(
    'npm',
    ['install', '--global', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', join(folder, tarball)],
    folder,
  );
  t.equal(installed.status, 0, installed.text);
  const library = join(prefix, 'lib/node_modules/salond');
  cpSync(join(root, addon), join(library, addon));
  for (const file of [
    'man/salond.8',
    'deploy/systemd/salond.service',
    'docs/operating.md',
    'sbom.cdx.json',
    'npm-shrinkwrap.json',
    '.prebuild-installrc',
  ])
    t.ok(existsSync(join(library, file)), file);

  const data = join(folder, 'data');
  const child = spawn(join(prefix, 'bin/salond'), ['--listen', '127.0.0.1:0', '--data', data], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', SALOND_METRICS_LISTEN: '127.0.0.1:0', ...cheapPasswords },
  });
  const daemon = new Daemon(child, data);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await daemon.exited;
  });
  const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  t.match((await alice.ok('chatroom_message alice lobby hello, world')).body, { id: 1 });
  const status = run(join(prefix, 'bin/salonctl'), ['--json', '--socket', await daemon.control(), 'status']);
  t.equal(status.status, 0, status.text);
  t.same(await daemon.stop(), { code: 0, signal: null });
});
