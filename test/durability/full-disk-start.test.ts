// Tests starts on a full disk: stored data is served, requests that store something are answered 2, and writing begins
// by itself when there is room.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
import { olderSumOf } from '../../src/store/sqlite/older.js';
import { Client } from '../support/client.js';
import { launcher, startDaemon, temporaryFolder } from '../support/daemon.js';
import { olderDatabase } from '../support/files.js';
import { filled, missing, mounted, run, seeded } from './full-disk-support.js';

t.jobs = 3;
const skip = { skip: missing, buffered: true };

t.test('on a disk that is too small for a new database the daemon ends with one line', skip, async (t) => {
  const folder = temporaryFolder(t);
  const daemon = startDaemon(t, { data: join(folder, 'data'), under: mounted(folder, '64k') });
  t.equal((await daemon.exited).code, 65);
  t.match(
    daemon.text,
    /^salond: \S+\/salond\.db can't be opened: there is no room on the disk: make room, then start again\n$/,
  );
});

t.test('a daemon does not start on a read-only disk, and says so in one line', skip, async (t) => {
  const folder = temporaryFolder(t);
  const daemon = startDaemon(t, { data: folder, under: mounted(folder, '6m,ro') });
  t.equal((await daemon.exited).code, 65);
  t.match(daemon.text, /^salond: \S+ is not writable: read-only file system\n$/);
});

for (const [how, signal, messages] of [
  ['was stopped', 'SIGTERM', 1],
  ['was killed', 'SIGKILL', 1],
  ['was killed with a log that is larger than the rest of the disk', 'SIGKILL', 700],
] as const) {
  t.test(
    `on a full disk a daemon that ${how} starts, serves stored data, and writes when there is room`,
    skip,
    async (t) => {
      const [folder, seed] = [temporaryFolder(t), await seeded(t, signal, messages)];
      const control = join(temporaryFolder(t), 'control');
      // SQLite has to create the log's index again, for which there is no room.
      rmSync(join(seed, 'salond.db-shm'), { force: true });
      // What is in a large log has room beside it, and a copy of the log has not.
      const size = messages > 1 ? `${2 * statSync(join(seed, 'salond.db-wal')).size - 65_536}` : undefined;
      const daemon = startDaemon(t, {
        data: join(folder, 'data'),
        under: filled(folder, seed, size),
        env: { SALOND_METRICS_LISTEN: '127.0.0.1:0', SALOND_CONTROL_SOCKET: control },
      });
      const { metrics } = await daemon.logged('ready');
      const ask = async (path: string): Promise<readonly [number, string]> => {
        const response = await fetch(`http://${String(metrics)}${path}`);
        return [response.status, await response.text()];
      };
      t.same(await ask('/readyz'), [503, 'there is no room on the disk\n']);
      t.same(await ask('/livez'), [200, 'ok\n'], 'the daemon is alive, because a restart would make no room');
      t.match((await ask('/metrics'))[1], /^salond_store_writable 0$/m);
      t.match(
        daemon.log.filter(({ event }) => event === 'writes_fail'),
        [{ level: 'error' }],
      );
      const operator = await Client.connect(control);
      t.match(await operator.request('status'), {
        body: { state: 'running', writable: false, problem: 'there is no room on the disk' },
      });

      const client = await Client.connect(await daemon.port());
      t.equal(
        (
          await client.request({
            command: 'create_user',
            username: 'bob',
            first_name: 'B',
            last_name: 'B',
            password: 'a password',
          })
        ).code,
        2,
      );
      const alice = await client.enter('alice');
      t.match(await alice.ok({ command: 'join_chatroom', username: 'alice', room: 'lobby' }), {
        body: { last: messages },
      });
      t.equal((await alice.request({ command: 'join_chatroom', username: 'alice', room: 'den' })).code, 2);
      for (const key of [undefined, 'k'])
        t.equal((await alice.say('alice', 'lobby', 'lost', key === undefined ? {} : { key })).code, 2);
      t.match(await alice.ok({ command: 'chatroom_history', room: 'lobby', limit: 3 }), {
        body: { count: Math.min(3, messages), last: messages },
      });

      run(daemon, 'rm', `${folder}/filler`);
      // The daemon checks for room at most once a second, when it is asked.
      while ((await ask('/readyz'))[0] !== 200) await sleep(100);
      t.match(await operator.request('status'), { body: { writable: true, problem: undefined, last_commit: Number } });
      t.match(await alice.say('alice', 'lobby', 'kept', { key: 'k' }), {
        code: 1,
        body: { id: messages + 1, duplicate: undefined },
      });
      await alice.ok({ command: 'join_chatroom', username: 'alice', room: 'den' });
      t.ok(await daemon.logged('writes_succeed'));
      t.match(await alice.ok({ command: 'chatroom_history', room: 'lobby', limit: 1 }), {
        body: { last: messages + 1 },
      });
      t.equal((await daemon.stop()).code, 0);
    },
  );
}

t.test('the daemon notices that there is room again even if clients never pause', skip, async (t) => {
  const [folder, seed] = [temporaryFolder(t), await seeded(t, 'SIGTERM')];
  const env = { SALOND_CONTROL_SOCKET: join(temporaryFolder(t), 'control') };
  const daemon = startDaemon(t, { data: join(folder, 'data'), under: filled(folder, seed), env });
  const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  t.equal((await alice.say('alice', 'lobby', 'lost')).code, 2);
  run(daemon, 'rm', `${folder}/filler`);
  const codes: number[] = [];
  while (codes.length < 100 && codes.at(-1) !== 1) {
    await sleep(50);
    codes.push((await alice.say('alice', 'lobby', 'kept')).code);
  }
  t.equal(codes.at(-1), 1, `after ${codes.length} tries`);
});

t.test('a daemon does not convert an older schema without room, and says so in one line', skip, async (t) => {
  const [folder, seed] = [temporaryFolder(t), await seeded(t, 'SIGTERM')];
  const database = await Database.open(join(seed, 'salond.db'));
  await database.exec('DROP TABLE bans; PRAGMA user_version = 3');
  await database.close();
  const daemon = startDaemon(t, { data: join(folder, 'data'), under: filled(folder, seed) });
  t.equal((await daemon.exited).code, 65);
  t.match(
    daemon.text,
    /^salond: \S+\/salond\.db is an older salond's and has to be brought up to date, but there is no room on the disk: make room, then start again\n$/,
  );
});

t.test('a daemon that runs out of room while it converts an older schema ends with one line', skip, async (t) => {
  const [folder, seed] = [temporaryFolder(t), join(temporaryFolder(t), 'seed')];
  mkdirSync(seed);
  const json = JSON.stringify([[1, 'x'.repeat(4000)]]);
  const rows = Array.from({ length: 400 }, (_, at) => [1, at + 3, at + 3, 5, olderSumOf([1, at + 3, at + 3, 5, json])]);
  await olderDatabase(
    join(seed, 'salond.db'),
    `INSERT INTO runs (room, first, last, time, messages, crc)
      SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, '${json}', value ->> 4
      FROM json_each('${JSON.stringify(rows)}')`,
  );
  const under = mounted(folder, '2500k', `cp -r ${seed} ${folder}/data`);
  const daemon = startDaemon(t, { data: join(folder, 'data'), under });
  t.equal((await daemon.exited).code, 65);
  t.match(
    daemon.text,
    /^salond: \S+\/salond\.db is an older salond's, and the disk has no room to bring it up to date, which takes up to twice its size: make room, then try again\n$/,
  );
});

t.test('data on a full disk can be checked', skip, async (t) => {
  const [folder, seed] = [temporaryFolder(t), await seeded(t, 'SIGKILL')];
  rmSync(join(seed, 'salond.db-shm'), { force: true });
  const [program, ...args] = [
    ...filled(folder, seed),
    process.execPath,
    launcher,
    '--check-data',
    join(folder, 'data'),
  ];
  t.match(spawnSync(program, args, { encoding: 'utf8', env: { PATH: process.env['PATH'] } }), {
    status: 0,
    stdout: 'the data is as it was written\n',
    stderr: '',
  });
});

for (const inodes of [6, 7]) {
  t.test(`a disk with ${inodes - 6} free inodes counts as full`, skip, async (t) => {
    const [folder, seed] = [temporaryFolder(t), await seeded(t, 'SIGTERM')];
    rmSync(join(seed, 'salond.search'), { force: true });
    // Six inodes are in use: the root, the data folder, the database, its lock, the known addresses and a file. The log
    // and its index need one each.
    const under = mounted(folder, `6m,nr_inodes=${inodes}`, `cp -r ${seed} ${folder}/data && touch ${folder}/one`);
    const daemon = startDaemon(t, {
      data: join(folder, 'data'),
      under,
      env: { SALOND_CONTROL_SOCKET: join(temporaryFolder(t), 'control') },
    });
    const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
    t.equal((await alice.say('alice', 'lobby', 'lost')).code, 2);
    t.match(await alice.ok({ command: 'chatroom_history', room: 'lobby' }), { body: { count: 1 } });
    run(daemon, 'mount', '-o', 'remount,nr_inodes=20', folder);
    await sleep(1100);
    t.match(await alice.say('alice', 'lobby', 'kept'), { code: 1, body: { id: 2 } });
    t.equal((await daemon.stop()).code, 0);
  });
}
