// Every system call that the daemon makes is one that its unit lets it make, systemd-notify's included: as strace sees
// it from start to end, with a conversation in between, and as the kernel does where all others are denied.
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

/** SQLite gives its files the owner of the database, where it is root; the unit's user is not. */
const asRoot: ReadonlySet<string> = process.getuid?.() === 0 ? new Set(['fchown']) : new Set();

/** Node.js 24 tries these, and does without where it is told no: the second test has it so. */
const tried: ReadonlySet<string> = new Set(['io_uring_setup', 'io_uring_enter', 'io_uring_register']);

/** What each set of systemd has, as it lists it: names of calls and of other sets, indented below its own. */
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

/** The calls that the filters of a unit leave (systemd.exec(5), SystemCallFilter=). */
function allowed(filters: readonly string[]): ReadonlySet<string> {
  const sets = systemdSets();
  const callsOf = (name: string): readonly string[] =>
    name.startsWith('@') ? (sets.get(name) ?? []).flatMap(callsOf) : [name];
  const calls = new Set<string>();
  for (const filter of filters) {
    const named = filter.replace('~', '').split(' ').flatMap(callsOf);
    for (const call of named) {
      if (filter.startsWith('~')) calls.delete(call);
      else calls.add(call);
    }
  }
  return calls;
}

/**
 * Denies what the unit denies, with the error that it says, to the program in the arguments (seccomp(2)), as systemd
 * does by libseccomp.
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

/** Clients, an operator who makes a backup, a reload and a stop. */
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
  return { NOTIFY_SOCKET: socket, SALOND_TLS_LISTEN: '127.0.0.1:0', ...certificate(t) };
}

const missing = noPrograms('openssl', 'systemd-analyze', 'systemd-notify', 'python3');

t.test('the daemon asks for nothing that is denied', { buffered: true, skip: noStrace() || missing }, async (t) => {
  const output = join(temporaryFolder(t), 'trace');
  const under = ['strace', '-D', '-f', '-s', '0', '-e', 'signal=none', '-o', output];
  const daemon = startDaemon(t, { under, env: await environment(t) });
  await converse(daemon);

  const used = new Set(readFileSync(output, 'latin1').match(/(?<=^\d+ +)\w+(?=\()/gm) ?? []);
  const may = allowed(values('salond.service', 'SystemCallFilter'));
  t.comment(`${used.size} calls are made, ${may.size} are allowed`);
  t.ok(used.has('fdatasync') || used.has('fsync'), 'the trace is whole');
  t.same(
    [...used].filter((call) => !may.has(call) && !asRoot.has(call) && !tried.has(call)),
    [],
  );
});

t.test('the daemon does its work where all else is denied', { buffered: true, skip: missing }, async (t) => {
  const may = [...allowed(values('salond.service', 'SystemCallFilter'))].join(' ');
  const daemon = startDaemon(t, { under: ['python3', '-c', confine, may], env: await environment(t) });
  await converse(daemon);
  t.same(await daemon.exited, { code: 0, signal: null });
  t.equal(daemon.text, '');
  const { stderr } = spawnSync('python3', ['-c', confine, may, 'nice', '-n', '1', 'true'], { encoding: 'utf8' });
  t.match(stderr, /^nice: /, 'who asks for @resources is told no');
});
