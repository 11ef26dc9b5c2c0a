// Checks the npm packages that salond uses: pinned to their bytes, and each with a reason in ARCHITECTURE.md.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../support/daemon.js';

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { dependencies, devDependencies } = read('package.json') as Readonly<
  Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
>;
const lock = read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

t.test('every package is pinned to its bytes', async (t) => {
  for (const [path, { integrity }] of packages) t.match(integrity ?? '', /^sha512-/, path);
});

t.test('no package runs anything when it is installed, but sqlite3, which is compiled', async (t) => {
  t.same(
    packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
    ['node_modules/sqlite3'],
  );
});

t.test('ARCHITECTURE.md has a sentence about each', async (t) => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const section = text.slice(text.indexOf('## Dependencies'));
  for (const name of [...Object.keys(dependencies), ...Object.keys(devDependencies)])
    t.ok(section.includes(`\`${name}\``), name);
});

t.test('the bill of materials names every package that runs', async (t) => {
  const made = spawnSync('npm', ['sbom', '--omit', 'dev', '--sbom-format', 'cyclonedx'], {
    cwd: root,
    encoding: 'utf8',
  });
  t.equal(made.status, 0, made.stderr);
  const { components } = JSON.parse(made.stdout) as {
    readonly components: readonly { readonly name: string; readonly version: string }[];
  };
  const named = new Set(components.map(({ name, version }) => `${name} ${version}`));
  for (const name of Object.keys(dependencies))
    t.ok(named.has(`${name} ${lock.packages[`node_modules/${name}`]?.version ?? ''}`), name);
});
