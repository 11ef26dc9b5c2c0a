// Builds the tree of the package's files. Sets all modes itself, because they must not depend on the umask.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { debianChangelog, run, type Identity } from './control.js';
import { copyright } from './copyright.js';
import { addon, copyPackages, packagesThatRun } from './packages.js';

/** Files that are copied unchanged. Maps a path below the project's folder to a path below the package's root. */
const copied: Readonly<Record<string, string>> = {
  'package.json': 'usr/lib/salond/package.json',
  'deploy/systemd/salond.service': 'usr/lib/systemd/system/salond.service',
  'deploy/systemd/salond.socket': 'usr/lib/systemd/system/salond.socket',
  'deploy/systemd/salond-tls.socket': 'usr/lib/systemd/system/salond-tls.socket',
  'deploy/systemd/sysusers.d/salond.conf': 'usr/lib/sysusers.d/salond.conf',
  'deploy/systemd/tmpfiles.d/salond.conf': 'usr/lib/tmpfiles.d/salond.conf',
  'deploy/systemd/salond.service.d/tls.conf.example': 'usr/share/doc/salond/examples/salond.service.d/tls.conf.example',
  'deploy/logrotate/salond': 'etc/logrotate.d/salond',
  'deploy/fail2ban/filter.d/salond.conf': 'usr/share/doc/salond/examples/fail2ban/filter.d/salond.conf',
  'deploy/fail2ban/jail.d/salond.conf': 'usr/share/doc/salond/examples/fail2ban/jail.d/salond.conf',
  'deploy/prometheus/salond.rules.yml': 'usr/share/doc/salond/examples/prometheus/salond.rules.yml',
  'deploy/grafana/salond.json': 'usr/share/doc/salond/examples/grafana/salond.json',
  // All settings in this file are commented out, so that the defaults apply until somebody changes one.
  'docs/salond.example.toml': 'etc/salond/salond.toml',
  'tools/deb/lintian-overrides': 'usr/share/lintian/overrides/salond',
  'PROTOCOL.md': 'usr/share/doc/salond/PROTOCOL.md',
  'SECURITY.md': 'usr/share/doc/salond/SECURITY.md',
};

/** Files that belong to the administrator once they are installed (conffiles). */
const settings = Object.values(copied).filter((path) => path.startsWith('etc/'));

/** Copies the compiled file of each source. Compiled files of removed sources are left out. */
function copyDaemon(root: string, library: string): void {
  for (const name of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
    const compiled = join('dist/src', name.replace(/\.ts$/, '.js'));
    if (!name.endsWith('.ts')) continue;
    if (!existsSync(join(root, compiled))) throw new Error(`${compiled} is not there: npm run build`);
    cpSync(join(root, compiled), join(library, compiled));
  }
}

/** Copies the launchers, and changes them so that Debian's Node.js runs them, not another one in the PATH. */
function copyLaunchers(root: string, tree: string): void {
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  mkdirSync(join(tree, 'usr/lib/salond/bin'), { recursive: true });
  cpSync(join(root, 'bin/package.json'), join(tree, 'usr/lib/salond/bin/package.json'));
  for (const name of ['salond', 'salonctl']) {
    const text = readFileSync(join(root, 'bin', name), 'utf8').replace(/^#!.*/, '#!/usr/bin/node');
    writeFileSync(join(tree, 'usr/lib/salond/bin', name), text);
    symlinkSync(`../lib/salond/bin/${name}`, join(tree, 'usr/bin', name));
  }
}

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function copyDocuments(root: string, tree: string, identity: Identity): void {
  const docs = join(tree, 'usr/share/doc/salond');
  // In the package the files that the document links to are beside it.
  write(join(docs, 'operating.md'), readFileSync(join(root, 'docs/operating.md'), 'utf8').replaceAll('](../', ']('));
  write(join(docs, 'changelog.gz'), gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }));
  write(join(docs, 'changelog.Debian.gz'), gzipSync(debianChangelog(identity), { level: 9 }));
  for (const name of readdirSync(join(root, 'man'))) {
    write(
      join(tree, `usr/share/man/man${name.slice(-1)}`, `${name}.gz`),
      gzipSync(readFileSync(join(root, 'man', name)), { level: 9 }),
    );
  }
}

/** Creates the package's files below `tree`, with their modes. Throws if something is not compiled or installed. */
export function makeTree(root: string, tree: string, identity: Identity): void {
  const packages = packagesThatRun(root);
  const library = join(tree, 'usr/lib/salond');
  for (const [from, to] of Object.entries(copied)) cpSync(join(root, from), join(tree, to));
  copyDaemon(root, library);
  copyPackages(root, packages, library);
  run('strip', ['--strip-unneeded', '--remove-section=.comment', '--remove-section=.note', join(library, addon)], root);
  copyLaunchers(root, tree);
  copyDocuments(root, tree, identity);
  write(join(tree, 'usr/share/doc/salond/copyright'), copyright(root, packages));
  write(join(tree, 'DEBIAN/conffiles'), settings.map((path) => `/${path}\n`).join(''));
  for (const name of ['postinst', 'prerm', 'postrm'])
    cpSync(join(root, 'tools/deb/maintainer', name), join(tree, 'DEBIAN', name));

  chmodSync(tree, 0o755);
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const program = /\/bin\/salon[^/]*$/.test(path) || /^(?:pre|post)(?:inst|rm)$/.test(entry.name);
    if (!entry.isSymbolicLink()) chmodSync(path, entry.isDirectory() || program ? 0o755 : 0o644);
  }
}

/** The regular files below `tree`, without those of DEBIAN/, sorted by path. */
export function filesOf(tree: string): string[] {
  const entries = readdirSync(tree, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(tree, 'DEBIAN/')))
    .sort();
}
