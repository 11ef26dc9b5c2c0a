// A disk that is really full: a small file system in a mount namespace of the daemon's own. Nothing of what did not fit is there
// or was shown, all else goes on, and writing resumes by itself when there is room.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { unshared, within } from '../support/namespace.js';

const [unshare = '', ...options] = unshared('mount');
const missing = spawnSync(unshare, [...options, 'true']).status === 0 ? false : 'unshare may not make a mount namespace here';

/** Words that run a command with a file system of that size at `folder`. */
function mounted(folder: string, size: string): readonly string[] {
  return [...unshared('mount'), 'sh', '-c', `mount -t tmpfs -o size=${size} salond ${folder} && exec "$@"`, 'sh'];
}

t.test('a disk that is too small from the start ends the daemon with one line', { skip: missing }, async (t) => {
  const folder = temporaryFolder(t);
  const daemon = startDaemon(t, { data: join(folder, 'data'), under: mounted(folder, '64k') });
  t.equal((await daemon.exited).code, 65);
  t.match(daemon.text, /^salond: \S+\/salond\.db can't be opened: [^\n]*full\n$/);
});

t.test('a disk that may only be read keeps the daemon from starting, with one line', { skip: missing }, async (t) => {
  const folder = temporaryFolder(t);
  const daemon = startDaemon(t, { data: folder, under: mounted(folder, '6m,ro') });
  t.equal((await daemon.exited).code, 65);
  t.match(daemon.text, /^salond: \S+ is not writable: read-only file system\n$/);
});

t.test('when there is no room left, and when there is again', { skip: missing }, async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const daemon = startDaemon(t, { data, under: mounted(folder, '6m') });
  const port = await daemon.port();
  /** Runs a command where the daemon's files are seen. */
  const run = (...command: readonly string[]): void => {
    const [program = '', ...args] = [...within('mount', daemon.process.pid ?? 0), ...command];
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  const text = 'x'.repeat(4000);
  const said: unknown[] = [];
  const say = async (): Promise<number> => {
    const { code, body } = await alice.say('alice', 'lobby', text);
    if (code === 1) said.push(body['id']);
    return code;
  };
  for (let each = 0; each < 20; each += 1) t.equal(await say(), 1);

  run('sh', '-c', `head -c 64m /dev/zero > ${folder}/filler 2>/dev/null || true`);
  let last = 1;
  // What the log has room for already still goes in.
  for (let each = 0; each < 2000 && last === 1; each += 1) last = await say();
  t.equal(last, 2);
  alice.send(...Array.from({ length: 10 }, () => ({ command: 'chatroom_message', username: 'alice', room: 'lobby', message: text })));
  for (let each = 0; each < 10; each += 1) t.equal((await alice.reply()).code, 2);
  t.equal((await alice.request({ command: 'join_chatroom', username: 'alice', room: 'den' })).code, 2);
  t.match(await bob.ok({ command: 'chatroom_history', room: 'lobby', limit: 5 }), { body: { count: 5, last: said.length } }, 'what is there can be read');
  await bob.ok('ping');

  run('rm', `${folder}/filler`);
  for (let each = 0; each < 10; each += 1) t.equal(await say(), 1, 'as soon as there is room');
  t.same(said, Array.from({ length: said.length }, (_, at) => at + 1), 'no id is given twice, none is left out');
  await bob.ok('ping');
  t.same(bob.lines.filter(({ code }) => code === 100).map(({ body }) => body['id']), said, 'bob saw what was stored, and nothing else');
  t.equal((await daemon.stop()).code, 0);
});
