// Tests that the daemon, with systemd-notify, makes only system calls that its unit allows. strace lists the calls of a
// daemon's life. Then the kernel denies all others, and the daemon has to work.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { certificate } from '../support/certificate.js';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import { noStrace } from '../durability/trace.js';
import { Manager } from './manager.js';
import { values } from './units.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 2;

/** Calls that only root makes: SQLite, as root, gives its files the owner of the database. */
const asRoot: ReadonlySet<string> = process.getuid?.() === 0 ? new Set(['fchown']) : new Set();

/** Calls that Node.js 24 tries, and does without if they are denied. The second test denies them. */
const tried: ReadonlySet<string> = new Set(['io_uring_setup', 'io_uring_enter', 'io_uring_register']);

/** systemd's sets of system calls. A set has names of calls and of other sets. */
function systemdSets(): ReadonlyMap<string, readonly string[]> {
  const { stdout } = spawnSync('systemd-analyze', ['syscall-filter'], { encoding: 'utf8' });
  const sets = stdout.split(/^(?=@)/m).map((text) => {
    const [name = '', ...members] = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^[@\w]/.test(line));
    return [name, members] as const;
  });
  return new Map(sets);
}

/** The calls that a unit's filters allow (systemd.exec(5), SystemCallFilter=). */
function allowed(filters: readonly string[]): ReadonlySet<string> {
  const sets = systemdSets();
  const callsOf = (name: string): readonly string[] =>
    name.startsWith('@') ? (sets.get(name) ?? []).flatMap(callsOf) : [name];
  const calls = new Set<string>();
  for (const filter of filters) {
    const listed = filter.replace('~', '').split(' ').flatMap(callsOf);
    for (const call of listed) {
      if (filter.startsWith('~')) calls.delete(call);
      else calls.add(call);
    }
  }
  return calls;
}

/**
 * A Python program that denies the calls that the unit denies, with the unit's error, and then becomes the program in
 * its arguments. It uses libseccomp, as systemd does.
 */
const confine = `
import ctypes, errno, os, sys
seccomp = ctypes.CDLL('libseccomp.so.2')
seccomp.seccomp_init.restype = ctypes.c_void_p
allow, deny = 0x7fff0000, 0x00050000 | errno.EPERM
filter = ctypes.c_void_p(seccomp.seccomp_init(deny))
for name in sys.argv[1].split():
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    if number >= 0 and seccomp.seccomp_rule_add(filter, allow, number, 0) != 0: sys.exit('no rule for ' + name)
if seccomp.seccomp_load(filter) != 0: sys.exit('no filter')
os.execvp(sys.argv[2], sys.argv[2:])
`;

/** Lets two clients talk and an operator make a backup, and then reloads and stops the daemon. */
async function converse(daemon: Daemon): Promise<void> {
  const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  const bob = await (await Client.connect(await daemon.port())).enter('bob', 'lobby');
  for (let count = 0; count < 10; count += 1) await alice.say('alice', 'lobby', `message ${count}`);
  await bob.ok({ command: 'chatroom_history', room: 'lobby' });
  bob.destroy();
  await alice.ok('ping');
  const operator = connect(join(daemon.data, 'control'));
  let text = '';
  operator
    .setEncoding('utf8')
    .on('data', (more: string) => {
      text += more;
    })
    .write('back_up\nquit\n');
  await once(operator, 'close');
  if (!text.includes('"sha256"')) throw new Error(`no backup was made: ${text}`);
  daemon.process.kill('SIGHUP');
  await daemon.logged('reloaded');
  await daemon.stop();
}

async function environment(t: Test): Promise<Readonly<Record<string, string>>> {
  const { socket } = await Manager.start(t);
  // Such hashes are made in a thread of their own.
  const costly = { SALOND_PASSWORD_LOG_N: '15', SALOND_PASSWORD_P: '1' };
  return { NOTIFY_SOCKET: socket, SALOND_TLS_LISTEN: '127.0.0.1:0', ...costly, ...certificate(t) };
}

const missing = noPrograms('openssl', 'systemd-analyze', 'systemd-notify', 'python3');

t.test(
  'the daemon makes only system calls that its unit allows',
  { buffered: true, skip: noStrace() || missing },
  async (t) => {
    const output = join(temporaryFolder(t), 'trace');
    const under = ['strace', '-D', '-f', '-s', '0', '-e', 'signal=none', '-o', output];
    const daemon = startDaemon(t, { under, env: await environment(t) });
    await converse(daemon);

    const used = new Set(readFileSync(output, 'latin1').match(/(?<=^\d+ +)\w+(?=\()/gm) ?? []);
    const allowedCalls = allowed(values('salond.service', 'SystemCallFilter'));
    t.comment(`${used.size} calls are made, ${allowedCalls.size} are allowed`);
    t.ok(used.has('fdatasync') || used.has('fsync'), 'the trace is complete');
    t.same(
      [...used].filter((call) => !allowedCalls.has(call) && !asRoot.has(call) && !tried.has(call)),
      [],
    );
  },
);

t.test('the daemon works if all other system calls are denied', { buffered: true, skip: missing }, async (t) => {
  const calls = [...allowed(values('salond.service', 'SystemCallFilter'))].join(' ');
  const daemon = startDaemon(t, { under: ['python3', '-c', confine, calls], env: await environment(t) });
  await converse(daemon);
  t.same(await daemon.exited, { code: 0, signal: null });
  t.equal(daemon.text, '');
  const { stderr } = spawnSync('python3', ['-c', confine, calls, 'ionice', '-c', '3', 'true'], { encoding: 'utf8' });
  t.match(stderr, /^ionice: /, 'a program that uses @resources gets an error');
});
