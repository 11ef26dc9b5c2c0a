// A Debian of the test's own: a folder that debootstrap fills, in which programs run by chroot. Each program has its
// own mount namespace with /proc mounted. The mount disappears with the program, so nothing has to be unmounted.
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Test } from 'tap';
import { root } from '../support/daemon.js';
import { skipUnlessInstalled, skipUnlessPossible, type Skip } from '../support/skip.js';

/** The result of a program that has ended. */
export interface Ran {
  readonly status: number | null;
  /** The output of the program: standard output, then standard error. */
  readonly text: string;
}

/** Runs a program on this system and waits for its end. Does not throw if it fails or can't be started. */
export function run(
  program: string,
  args: readonly string[],
  cwd = '/',
  env: Readonly<Record<string, string>> = {},
): Ran {
  // Everything but the status is null if the program could not be started.
  const { status, output, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 26,
    env: { ...process.env, ...env },
  });
  return {
    status,
    text: [...((output as readonly (string | null)[] | null) ?? []), error?.message].filter(Boolean).join(''),
  };
}

/** Why the test can't run here; false if it can. */
export function notPossible(): Skip {
  const notRoot = skipUnlessPossible(process.getuid?.() === 0, 'needs root, for chroot');
  if (notRoot !== false) return notRoot;
  const missing = ['debootstrap', 'dpkg-deb', 'dpkg-shlibdeps', 'lintian', 'strip'].find(
    (program) => run(program, ['--version']).status !== 0,
  );
  return skipUnlessInstalled(
    missing === undefined,
    `${missing ?? 'nothing'} is not here: apt-get install debootstrap dpkg-dev lintian binutils`,
  );
}

/** A small environment, like that of a service. */
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };

/** The packages that the tests need besides those of every Debian. */
const packages = ['adduser', 'fail2ban', 'logrotate', 'python3-systemd', 'systemd', 'systemd-sysv'];

/** A Debian in a folder. */
export class Debian {
  private constructor(readonly folder: string) {}

  /**
   * Creates one. To save time over many runs, DEBIAN_ROOT may name a folder with the same packages, which is copied.
   */
  static create(t: Test): Debian {
    const folder = mkdtempSync(join(tmpdir(), 'salond-debian-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const { DEBIAN_ROOT: given } = process.env;
    const { status, text } =
      given === undefined
        ? run('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, 'bookworm', folder])
        : run('cp', ['-a', `${given}/.`, folder]);
    if (status !== 0) throw new Error(text);
    // mkdtemp lets only root in, but every user of this Debian has to enter its root folder.
    chmodSync(folder, 0o755);
    return new Debian(folder);
  }

  path(below: string): string {
    return join(this.folder, below);
  }

  #command(user: string, command: readonly string[]): string[] {
    const script =
      'mount -t proc proc "$1/proc" && user=$2 && root=$1 && shift 2 && exec chroot --userspec="$user" "$root" "$@"';
    return ['--mount', 'sh', '-c', script, 'sh', this.folder, user, ...command];
  }

  /** Runs a program in this Debian as root, and waits for its end. */
  run(...command: readonly string[]): Ran {
    const { status, stdout, stderr } = spawnSync('unshare', this.#command('root:root', command), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment,
    });
    return { status, text: `${stdout}${stderr}` };
  }

  /** Starts a program as that user. The returned process becomes the program itself, so signals reach the program. */
  start(
    user: string,
    command: readonly string[],
    env: Readonly<Record<string, string>>,
  ): ChildProcessByStdio<null, Readable, Readable> {
    return spawn('unshare', this.#command(user, command), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, ...env },
    });
  }

  /** Installs a package with its dependencies, by apt. The administrator's settings are kept. */
  install(deb: string): Ran {
    copyFileSync(deb, this.path('/tmp/given.deb'));
    return this.run(
      'apt-get',
      'install',
      '--yes',
      '--quiet',
      '--no-install-recommends',
      '-o',
      'Dpkg::Options::=--force-confold',
      '/tmp/given.deb',
    );
  }
}

/**
 * Builds a package of the Node.js that runs this test. It has /usr/bin/node, like a vendor's package. Returns its path.
 */
export function packageOfNode(folder: string, version = process.versions.node): string {
  const tree = join(folder, `node-${version}`);
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  mkdirSync(join(tree, 'DEBIAN'));
  copyFileSync(process.execPath, join(tree, 'usr/bin/node'));
  const control = {
    Package: 'nodejs',
    Version: `${version}-1test`,
    Architecture: 'all',
    Maintainer: 'nobody <nobody@localhost>',
    Depends: 'libc6, libstdc++6',
    Description: 'Node.js, for a test',
  };
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    Object.entries(control)
      .map(([field, value]) => `${field}: ${value}\n`)
      .join(''),
  );
  const deb = join(folder, `nodejs-${version}.deb`);
  const { status, text } = run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, deb]);
  if (status !== 0) throw new Error(text);
  return deb;
}

/**
 * Builds a copy of the package to upgrade from: with that version, and the units and maintainer scripts of salond
 * 0.1.0.
 */
export function withFormerUnits(deb: string, folder: string, version: string): string {
  const tree = join(folder, 'former');
  const former = join(folder, 'former.deb');
  const script = `set -e; dpkg-deb -R "$1" "$2"; sed -i "s/^Version: .*/Version: $4/" "$2/DEBIAN/control"
    rm -r "$2/etc/logrotate.d" "$2/DEBIAN/conffiles"; echo /etc/salond/salond.toml > "$2/DEBIAN/conffiles"
    cp "$5"/*.service "$5"/*.socket "$2/usr/lib/systemd/system"; cp "$5/tmpfiles.conf" "$2/usr/lib/tmpfiles.d/salond.conf"
    for script in postinst prerm postrm; do cp "$5/$script" "$2/DEBIAN"; chmod 755 "$2/DEBIAN/$script"; done
    dpkg-deb --root-owner-group -Znone --build "$2" "$3"`;
  const { status, text } = run('sh', ['-c', script, 'sh', deb, tree, former, version, join(root, 'test/deb/0.1.0')]);
  if (status !== 0) throw new Error(text);
  return former;
}

/** Builds a copy of the package to upgrade to: with that version and other default settings. */
export function nextVersion(deb: string, folder: string, version: string): string {
  const tree = join(folder, 'next');
  const next = join(folder, 'next.deb');
  const script = `dpkg-deb -R "$1" "$2" && sed -i "s/^Version: .*/Version: $4-1/" "$2/DEBIAN/control" && sed -i 's/"version": "[^"]*"/"version": "'"$4"'"/' "$2/usr/lib/salond/package.json"
    echo '# A line that is new.' >> "$2/etc/salond/salond.toml" && dpkg-deb --root-owner-group --build "$2" "$3"`;
  const { status, text } = run('sh', ['-c', script, 'sh', deb, tree, next, version]);
  if (status !== 0) throw new Error(text);
  return next;
}
