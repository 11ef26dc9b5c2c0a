// A booted Debian: a container of systemd-nspawn on a folder that debootstrap filled, with systemd as its process 1. It
// has its own network, with only a loopback interface. Commands run in it by nsenter(1).
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { run, type Debian, type Ran } from './debian.js';
import { skipUnlessInstalled, type Skip } from '../support/skip.js';

const environment = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  SYSTEMD_PAGER: 'cat',
};

const bootSeconds = 60;
const stopSeconds = 30;

/** Why no machine can be booted here; false if one can. */
export function noBoot(): Skip {
  return skipUnlessInstalled(
    run('systemd-nspawn', ['--version']).status === 0,
    'systemd-nspawn is not here: apt-get install systemd-container',
  );
}

/** A client's connection to a port of the machine, by socat in the machine's network. */
export class Caller {
  readonly #child: ChildProcess;
  text = '';
  readonly #ended: Promise<unknown>;

  constructor(t: Test, pid: number, port: number) {
    const command = ['--target', String(pid), '--net', 'socat', '-t', '30', '-', `TCP:127.0.0.1:${port}`];
    const child = spawn('nsenter', command, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      this.text += more;
    });
    child.stdin.on('error', () => undefined);
    this.#child = child;
    this.#ended = once(child, 'close');
    t.teardown(() => child.kill('SIGKILL'));
  }

  /** Sends lines. */
  say(...lines: readonly string[]): this {
    this.#child.stdin?.write(lines.map((line) => `${line}\n`).join(''));
    return this;
  }

  /** Fulfils when the received text matches. Rejects after 30 seconds. */
  async heard(what: RegExp): Promise<void> {
    for (let tries = 0; !what.test(this.text); tries += 1) {
      if (tries === 600) throw new Error(`${what} did not come: ${this.text}`);
      await sleep(50);
    }
  }

  get ended(): Promise<unknown> {
    return this.#ended;
  }
}

/** A booted Debian. */
export class Machine {
  readonly #t: Test;
  /** The number of the machine's process 1 on this system. */
  readonly #pid: number;

  private constructor(t: Test, pid: number) {
    this.#t = t;
    this.#pid = pid;
  }

  /** Boots a Debian. Fulfils when all of its services have started. It is powered off at the end of the test. */
  static async boot(t: Test, debian: Debian): Promise<Machine> {
    const options = [
      '--quiet',
      '--directory',
      debian.folder,
      '--machine',
      `salond-test-${process.pid}`,
      '--private-network',
      '--register=no',
      '--console=pipe',
    ];
    // Only a systemd on this system could create a scope for the container.
    if (!existsSync('/run/systemd/system')) options.push('--keep-unit');
    const child = spawn('systemd-nspawn', [...options, '--boot'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let console = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (more: string) => {
        console = (console + more).slice(-4000);
      });
    }
    const ended = once(child, 'close');
    t.teardown(async () => {
      // On SIGTERM, nspawn powers the machine off.
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopSeconds * 1000);
      await ended;
      clearTimeout(timer);
    });
    for (let tries = 0; tries < bootSeconds * 10 && child.exitCode === null; tries += 1) {
      const [first] = children(child.pid ?? 0);
      if (first !== undefined) {
        const machine = new Machine(t, first);
        if (/^(?:running|degraded)$/m.test(machine.run('systemctl', 'is-system-running').text)) return machine;
      }
      await sleep(100);
    }
    throw new Error(`nothing was booted: ${console}`);
  }

  /** Runs a program in the machine as root, and waits for its end. */
  run(...command: readonly string[]): Ran {
    const inside = ['--target', String(this.#pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd'];
    const { status, stdout, stderr } = spawnSync('nsenter', [...inside, ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment,
    });
    return { status, text: `${stdout}${stderr}` };
  }

  /** Runs a line of shell in the machine as root, and waits for its end. */
  shell(line: string): Ran {
    return this.run('sh', '-c', line);
  }

  /** Whether systemd has started that unit. */
  isActive(unit: string): boolean {
    return this.run('systemctl', 'is-active', '--quiet', unit).status === 0;
  }

  /** Connects a client to a port of the machine. */
  connect(port: number): Caller {
    return new Caller(this.#t, this.#pid, port);
  }

  /** A property of a unit, as `systemctl show` prints it. */
  property(unit: string, name: string): string {
    return this.run('systemctl', 'show', '--property', name, '--value', unit).text.trim();
  }
}

function children(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
