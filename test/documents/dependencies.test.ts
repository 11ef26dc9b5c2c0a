// Checks the npm packages that salond uses: pinned to their bytes, and each with a reason in ARCHITECTURE.md.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
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

t.test(
  'the bill of materials names every package that is installed and SQLite, and is the same each time',
  async (t) => {
    const [first, second] = [0, 1].map(() =>
      spawnSync(process.execPath, ['tools/npm/sbom.cjs'], { cwd: root, encoding: 'utf8' }),
    );
    t.equal(first?.status, 0, String(first?.stderr));
    t.equal(first?.stdout, second?.stdout);
    const { components, dependencies: needed } = JSON.parse(first?.stdout ?? '') as {
      readonly components: readonly { readonly name: string; readonly version: string; readonly 'bom-ref': string }[];
      readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
    };
    const refs = new Set(needed.map(({ ref }) => ref));
    for (const component of components) t.ok(refs.has(component['bom-ref']), component['bom-ref']);
    for (const { ref, dependsOn } of needed) for (const each of dependsOn) t.ok(refs.has(each), `${ref} needs ${each}`);
    const running = packages.filter(([, { dev }]) => dev !== true);
    const names = running.map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')} ${version}`);
    const database = await Database.open(':memory:');
    const [row] = await database.all('SELECT sqlite_version() AS version');
    await database.close();
    t.same(
      [...new Set(components.map(({ name, version }) => `${name} ${version}`))].sort(),
      [...new Set([...names, `sqlite ${String(row?.['version'])}`])].sort(),
    );
  },
);
