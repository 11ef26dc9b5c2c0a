// Writes the metadata for dpkg: the control file, Debian's changelog and the checksums.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { addon } from './packages.js';

/** The package's version, architecture, maintainer and time. */
export interface Identity {
  /** The version with the package's revision, such as `0.1.0-1`. */
  readonly version: string;
  readonly architecture: string;
  readonly maintainer: string;
  /** The time of everything in the package, in seconds since 1970. */
  readonly epoch: number;
}

/** Runs a program and returns its output. Throws if it is not installed or fails. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error !== undefined)
    throw new Error(`${program} is not here: apt-get install dpkg-dev binutils`, { cause: error });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/**
 * The version in Debian's form, where a pre-release sorts before its release. The revision counts packagings of one
 * version.
 */
function debianVersion(version: string, revision: string): string {
  return `${version.replace('-', '~')}-${revision}`;
}

function epochOf(root: string): number {
  const given = process.env['SOURCE_DATE_EPOCH'];
  if (given !== undefined) return Number(given);
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? Number(stdout) : Math.floor(Date.now() / 1000);
}

/** Reads DEBFULLNAME, DEBEMAIL and DEBREVISION, as Debian's own tools do. */
export function identity(root: string, version: string): Identity {
  const {
    DEBFULLNAME: name = 'The salond developers',
    DEBEMAIL: address = 'salond@salond.invalid',
    DEBREVISION: revision = '1',
  } = process.env;
  const architecture = run('dpkg', ['--print-architecture'], root);
  return {
    version: debianVersion(version, revision),
    architecture,
    maintainer: `${name} <${address}>`,
    epoch: epochOf(root),
  };
}

/** The dependencies of the addon: the libraries that it is linked with, and their versions. */
function libraries(tree: string, scratch: string): string {
  // dpkg-shlibdeps works only in a source package.
  mkdirSync(join(scratch, 'debian'), { recursive: true });
  writeFileSync(join(scratch, 'debian/control'), 'Source: salond\n\nPackage: salond\nArchitecture: any\n');
  const said = run('dpkg-shlibdeps', ['-O', '--warnings=0', `-e${join(tree, 'usr/lib/salond', addon)}`], scratch);
  const [, depends] = /^shlibs:Depends=(.+)$/m.exec(said) ?? [];
  if (depends === undefined) throw new Error(`dpkg-shlibdeps said: ${said}`);
  return depends;
}

/**
 * The control file.
 * @param nodeVersion the range in package.json, such as `>=20.17`
 */
export function controlFile(
  tree: string,
  scratch: string,
  files: readonly string[],
  nodeVersion: string,
  { version, architecture, maintainer }: Identity,
): string {
  const bytes = files.reduce((sum, file) => sum + readFileSync(file).length, 0);
  return `Package: salond
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: adduser, init-system-helpers (>= 1.54~), nodejs (>= ${nodeVersion.replace('>=', '')}), ${libraries(tree, scratch)}
Suggests: fail2ban, haproxy, logrotate, prometheus
Section: net
Priority: optional
Description: chat-room daemon on raw TCP
 salond speaks lines: a client sends a command as JSON or as plain words, and
 gets a code and a JSON object back. Every message is on disk before anyone
 sees it, and nobody who reconnects misses one or gets one twice.
 .
 This package has the daemon, salonctl for its operators, and units for
 systemd. It needs a newer Node.js than Debian 12 has.
`;
}

/** Debian's changelog of the packaging. It refers to the project's own. */
export function debianChangelog({ version, maintainer, epoch }: Identity): string {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  return `salond (${version}) unstable; urgency=medium\n\n  * What is new in this version is in changelog.gz.\n\n -- ${maintainer}  ${date}\n`;
}

/** The MD5 sums of files, in the form of DEBIAN/md5sums. */
export function sums(tree: string, files: readonly string[]): string {
  return files
    .map((file) => `${createHash('md5').update(readFileSync(file)).digest('hex')}  ${relative(tree, file)}\n`)
    .join('');
}
