// `npm run deb -- [FOLDER]`: builds salond_VERSION_ARCH.deb from the compiled files, in the project's folder or in
// FOLDER. contents.ts builds the package's files, control.ts the metadata for dpkg; maintainer/ has the scripts that
// run at installation. The same sources, packages and addon give the same bytes. The time of all files is
// SOURCE_DATE_EPOCH or that of the last commit.
import { lutimesSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { filesOf, makeTree } from './contents.js';
import { controlFile, identity, run, sums } from './control.js';

const root = join(import.meta.dirname, '../../..');
const folder = resolve(process.argv[2] ?? root);
const { version, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly engines: { readonly node: string };
};
const packageIdentity = identity(root, version);
const scratch = mkdtempSync(join(tmpdir(), 'salond-deb-'));

try {
  const tree = join(scratch, 'tree');
  makeTree(root, tree, packageIdentity);
  const files = filesOf(tree);
  writeFileSync(join(tree, 'DEBIAN/control'), controlFile(tree, scratch, files, engines.node, packageIdentity), {
    mode: 0o644,
  });
  writeFileSync(
    join(tree, 'DEBIAN/md5sums'),
    sums(
      tree,
      files.filter((file) => !file.startsWith(join(tree, 'etc/'))),
    ),
    { mode: 0o644 },
  );
  for (const path of readdirSync(tree, { recursive: true, encoding: 'utf8' }))
    lutimesSync(join(tree, path), packageIdentity.epoch, packageIdentity.epoch);
  lutimesSync(tree, packageIdentity.epoch, packageIdentity.epoch);

  const deb = join(folder, `salond_${packageIdentity.version}_${packageIdentity.architecture}.deb`);
  run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, deb], root, {
    SOURCE_DATE_EPOCH: String(packageIdentity.epoch),
  });
  console.log(deb);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
