// Tests `salond --check-data DIR`, and a daemon on damaged data: it names the damaged file and does not start.
import { spawnSync } from 'node:child_process';
import { cpSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
import { contents } from '../store/folder-support.js';
import { resultOfCheckData } from '../support/checks.js';
import { Client } from '../support/client.js';
import { launcher, startDaemon, temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

interface End {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function check(folder: string): End {
  return spawnSync(process.execPath, [launcher, '--check-data', folder], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
}

/** Runs a daemon in which alice posts `secret of alice`, and ends it by that signal. Returns its data folder. */
async function leftBy(signal: NodeJS.Signals): Promise<string> {
  const daemon = signal === 'SIGKILL' ? startDaemon(t) : hostDaemon(t);
  const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  for (let each = 0; each < 5; each += 1) await alice.say('alice', 'lobby', 'secret of alice', { key: `key-${each}` });
  await daemon.stop(signal);
  return daemon.data;
}

const left = new Map<NodeJS.Signals, Promise<string>>();

/** Copies the data of a daemon that was ended by that signal. One daemon per signal serves all tests. */
async function dataAfter(t: Test, signal: NodeJS.Signals): Promise<string> {
  const origin = left.get(signal) ?? leftBy(signal);
  left.set(signal, origin);
  const folder = temporaryFolder(t);
  // A killed daemon leaves its control socket, which can't be copied.
  cpSync(await origin, folder, { recursive: true, filter: (path) => !lstatSync(path).isSocket() });
  return folder;
}

/** Changes one bit where the text first stands in the file. */
function flipBit(path: string, text: string): void {
  const bytes = readFileSync(path);
  const at = bytes.indexOf(text);
  if (at === -1) throw new Error(`${path} has no ${text}`);
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  writeFileSync(path, bytes);
}

/** The contents of the files that hold data. */
function dataFiles(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(contents(folder)).filter(([name]) => ['salond.db', 'salond.db-wal'].includes(name)),
  );
}

t.test('undamaged data is reported as good after a stop and after a kill, and is not changed', async (t) => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const folder = await dataAfter(t, signal);
    const before = dataFiles(folder);
    t.match(check(folder), { status: 0, stdout: /^the data is as it was written\n$/, stderr: /^$/ });
    t.match(dataFiles(folder), before);
  }
});

t.test('a changed message is found, and the daemon does not start', async (t) => {
  const folder = await dataAfter(t, 'SIGTERM');
  flipBit(join(folder, 'salond.db'), 'secret of alice');
  const { status, stdout, stderr } = check(folder);
  t.match(
    { status, stdout, stderr },
    {
      status: 65,
      stdout: '',
      stderr: /^salond: \S+\/salond\.db is damaged: a row of runs is not what was written: seq \d+\n$/,
    },
  );
  const daemon = startDaemon(t, { data: folder });
  t.equal((await daemon.exited).code, 65);
  t.match(daemon.text, /^salond: \S+\/salond\.db is damaged: a row of runs [^\n]*; salond --check-data tells all\n$/);
});

t.test('a damaged write-ahead log is found, and is not changed', async (t) => {
  const folder = await dataAfter(t, 'SIGKILL');
  flipBit(join(folder, 'salond.db-wal'), 'secret of alice');
  const before = dataFiles(folder);
  const says =
    /^salond: \S+\/salond\.db-wal is damaged: of its \d+ frames only the first \d+ are as they were written\n$/;
  t.match(check(folder), { status: 65, stderr: says });
  const daemon = hostDaemon(t, { data: folder });
  t.equal((await daemon.exited).code, 65);
  t.match(daemon.text, says);
  t.same(dataFiles(folder), before);
});

t.test('rows that are valid but contradict each other are found', async (t) => {
  const changes = {
    'DELETE FROM runs WHERE first = 2': 'messages are missing in the room with the number 1',
    'DELETE FROM rooms': 'messages are in a room that is not there, the number 1',
    'DELETE FROM users': 'messages are by nobody in the room with the number 1',
    'DELETE FROM runs WHERE first = 5': 'keys are of no message in the room with the number 1',
  } as const;
  const folder = await dataAfter(t, 'SIGTERM');
  for (const [sql, says] of Object.entries(changes)) {
    const changed = temporaryFolder(t);
    cpSync(folder, changed, { recursive: true });
    const database = await Database.open(join(changed, 'salond.db'));
    await database.exec(sql);
    await database.close();
    t.match(await resultOfCheckData(changed), { status: 65, stderr: `salond.db is damaged: ${says}\n` });
  }
});

t.test('data that is missing or in use is reported', async (t) => {
  const empty = temporaryFolder(t);
  t.match(check(empty), { status: 65, stdout: '', stderr: `salond: ${join(empty, 'salond.db')} is not there\n` });
  t.same(contents(empty), {});
  const daemon = startDaemon(t);
  await daemon.port();
  t.match(check(daemon.data), { status: 65, stderr: `salond: ${daemon.data} is in use by another salond\n` });
});

t.test('a request that meets damage in a running daemon is answered 2, and the log names the file', async (t) => {
  const daemon = hostDaemon(t);
  const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  for (let each = 0; each < 3; each += 1) await alice.say('alice', 'lobby', 'secret of alice');
  const other = await Database.open(join(daemon.data, 'salond.db'));
  await other.exec(
    `UPDATE runs SET messages = CAST(replace(CAST(messages AS TEXT), 'secret', 'Secret') AS BLOB) WHERE first = 2`,
  );
  await other.close();
  const { body } = await alice.ok({ command: 'chatroom_history', room: 'lobby', before: 2 });
  t.match(body, { count: 1 });
  const seen = alice.lines.length;
  t.equal((await alice.request({ command: 'chatroom_history', room: 'lobby' })).code, 2);
  t.equal(alice.lines.length, seen + 1, 'no message came before the answer');
  const { err } = await daemon.logged('store_failed');
  t.match(err, { message: 'salond.db is damaged: a row of runs is not what was written' });
  t.equal((await alice.say('alice', 'lobby', 'still here')).code, 1);
});

t.test('text from users can not control a terminal when it is reported', async (t) => {
  const folder = await dataAfter(t, 'SIGTERM');
  const database = await Database.open(join(folder, 'salond.db'));
  // ESC, a C1 control, a bidi override, a tag, a filler, a line separator and a line end.
  const evil = 'a\u001b[2J\u009b2J\u202e\u{e0041}\u3164\u2028\nb';
  await database.all("UPDATE keys SET key = ? WHERE key = 'key-1'", evil);
  await database.close();
  const { status, stderr } = check(folder);
  t.equal(status, 65);
  t.match(stderr, /^[\x20-\x7e]+\n$/, 'one line of printable characters');
  t.ok(stderr.includes(String.raw`key "a\u001b[2J\u009b2J\u202e\udb40\udc41\u3164\u2028\nb"`), stderr);
});

t.test(
  'a damaged row that the start reads is reported in one line, even in a database that is too large for a full check',
  async (t) => {
    const folder = await dataAfter(t, 'SIGTERM');
    const database = await Database.open(join(folder, 'salond.db'));
    await database.exec(
      "CREATE TABLE large (bytes); INSERT INTO large VALUES (zeroblob(34000000)); PRAGMA wal_checkpoint(TRUNCATE); DROP TABLE large; INSERT INTO bans VALUES ('user', 'bob', '', 1, 0, 1)",
    );
    await database.close();
    const daemon = hostDaemon(t, { data: folder });
    t.equal((await daemon.exited).code, 65);
    t.match(
      daemon.text,
      /^salond: \S+salond\.db is damaged: a row of bans is not what was written: kind "user", target "bob"; salond --check-data tells all\n$/,
    );
  },
);
