// Tests that an installation of salond compiles sqlite3 and downloads no binary. Runs the install script of sqlite3
// with the real prebuild-install, a mirror that counts its requests, and a stub of the compiler.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { root, temporaryFolder } from '../support/daemon.js';

const rc = '.prebuild-installrc';

interface Manifest {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

interface Installed {
  /** How many requests for a binary the mirror got. */
  readonly asked: number;
  /** The output of the scripts. */
  readonly text: string;
  /** Whether salond's own script failed. npm would then run no other. */
  readonly refused: boolean;
}

/**
 * Runs npm's install scripts for salond in one folder and for sqlite3 in another, independent of this system's npm
 * settings.
 */
async function install(
  t: Test,
  salond: string,
  sqlite3: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Installed> {
  mkdirSync(sqlite3, { recursive: true });
  cpSync(join(root, 'node_modules/sqlite3/package.json'), join(sqlite3, 'package.json'));
  const programs = temporaryFolder(t);
  symlinkSync(join(root, 'node_modules/prebuild-install/bin.js'), join(programs, 'prebuild-install'));
  writeFileSync(join(programs, 'node-gyp'), '#!/bin/sh\necho "compiled: $*"\n');
  chmodSync(join(programs, 'node-gyp'), 0o755);

  let asked = 0;
  const mirror = createServer((_, response) => {
    asked += 1;
    response.writeHead(404).end();
  });
  await once(mirror.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => mirror.close());
  const { port } = mirror.address() as AddressInfo;
  const scriptEnv = {
    PATH: `${programs}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: temporaryFolder(t),
    npm_config_cache: temporaryFolder(t),
    npm_config_sqlite3_binary_host: `http://127.0.0.1:${port}`,
    ...env,
  };
  const run = async (script: string, cwd: string): Promise<{ readonly status: number; readonly text: string }> => {
    const child = spawn('sh', ['-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: scriptEnv });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
    }
    const [status] = (await once(child, 'close')) as [number];
    return { status, text };
  };
  const own = await run(manifest(salond).scripts['preinstall'] ?? 'false', salond);
  const ended = await run(manifest(sqlite3).scripts['install'] ?? 'false', sqlite3);
  t.equal(ended.status, 0, ended.text);
  return { asked, text: `${own.text}${ended.text}`, refused: own.status !== 0 };
}

/** Creates a folder with the files of the packed salond that the scripts read. */
function unpacked(t: Test, folder = temporaryFolder(t)): string {
  mkdirSync(folder, { recursive: true });
  for (const path of ['package.json', rc, 'tools/npm/compiled.cjs']) cpSync(join(root, path), join(folder, path));
  return folder;
}

t.test('sqlite3 is compiled by npm ci, and when the packed salond is installed for everybody', async (t) => {
  const salond = unpacked(t);
  const { asked, text, refused } = await install(t, salond, join(salond, 'node_modules/sqlite3'));
  t.equal(asked, 0, 'no binary is requested');
  t.match(text, /^compiled: rebuild$/m);
  t.equal(refused, false);
});

t.test('without the settings of .prebuild-installrc a binary is requested, so the test above can fail', async (t) => {
  const salond = unpacked(t);
  writeFileSync(join(salond, rc), '');
  t.equal((await install(t, salond, join(salond, 'node_modules/sqlite3'))).asked, 1);
});

t.test("salond is not installed as another project's dependency unless npm is told to compile", async (t) => {
  const project = temporaryFolder(t);
  const salond = unpacked(t, join(project, 'node_modules/salond'));
  const sqlite3 = join(project, 'node_modules/sqlite3');
  const unset = await install(t, salond, sqlite3);
  t.match(unset, { refused: true, text: /^salond: .*npm_config_build_from_source=true/ });
  const set = await install(t, salond, sqlite3, { npm_config_build_from_source: 'true' });
  t.match(set, { refused: false, asked: 0, text: /^compiled: rebuild$/m });
});

t.test('the package contains the settings, the script and the hashes of every dependency', async (t) => {
  const { files, scripts } = manifest(root);
  for (const path of [rc, 'tools/npm', 'npm-shrinkwrap.json']) t.ok(files.includes(path), path);
  t.match(scripts['prepack'], /cp package-lock\.json npm-shrinkwrap\.json/);
  t.match(scripts['postpack'], /rm -f npm-shrinkwrap\.json/, 'the shrinkwrap file does not stay beside the lock file');
});
