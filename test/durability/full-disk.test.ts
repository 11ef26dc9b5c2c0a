// Fills the disk while the daemon runs. Messages that do not fit are neither stored nor shown, everything else works,
// and writing resumes by itself when there is room.
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { missing, mounted, run } from './full-disk-support.js';

t.test(
  'a disk that fills up costs the messages that did not fit, and writing resumes when there is room',
  { skip: missing },
  async (t) => {
    const folder = temporaryFolder(t);
    const data = join(folder, 'data');
    const daemon = startDaemon(t, {
      data,
      under: mounted(folder, '6m'),
      env: { SALOND_METRICS_LISTEN: '127.0.0.1:0' },
    });
    const port = await daemon.port();
    const { metrics } = await daemon.logged('ready');
    const ready = async (path = '/readyz'): Promise<number> => (await fetch(`http://${String(metrics)}${path}`)).status;
    t.equal(await ready(), 200);
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const bob = await (await Client.connect(port)).enter('bob', 'lobby');
    const text = 'x'.repeat(4000);
    const storedIds: unknown[] = [];
    const say = async (): Promise<number> => {
      const { code, body } = await alice.say('alice', 'lobby', text);
      if (code === 1) storedIds.push(body['id']);
      return code;
    };
    for (let each = 0; each < 20; each += 1) t.equal(await say(), 1);

    run(daemon, 'sh', '-c', `head -c 64m /dev/zero > ${folder}/filler 2>/dev/null || true`);
    let last = 1;
    // The write-ahead log has room for some more messages.
    for (let each = 0; each < 2000 && last === 1; each += 1) last = await say();
    t.equal(last, 2);
    alice.send(
      ...Array.from({ length: 10 }, () => ({
        command: 'chatroom_message',
        username: 'alice',
        room: 'lobby',
        message: text,
      })),
    );
    for (let each = 0; each < 10; each += 1) t.equal((await alice.reply()).code, 2);
    t.equal((await alice.request({ command: 'join_chatroom', username: 'alice', room: 'den' })).code, 2);
    t.match(
      await bob.ok({ command: 'chatroom_history', room: 'lobby', limit: 5 }),
      { body: { count: 5, last: storedIds.length } },
      'what is stored can be read',
    );
    await bob.ok('ping');
    t.same(await Promise.all(Array.from({ length: 15 }, () => ready())), Array(15).fill(503));
    t.equal(await ready('/livez'), 200, 'the daemon is alive, because a restart would make no room');
    t.match(
      daemon.log.filter(({ event }) => event === 'writes_fail'),
      [{ level: 'error' }],
      'logged once',
    );

    run(daemon, 'rm', `${folder}/filler`);
    for (let each = 0; each < 10; each += 1) t.equal(await say(), 1, 'messages are stored as soon as there is room');
    t.equal(await ready(), 200);
    t.ok(await daemon.logged('writes_succeed'));
    t.same(
      storedIds,
      Array.from({ length: storedIds.length }, (_, at) => at + 1),
      'no id is used twice, and none is skipped',
    );
    await bob.ok('ping');
    t.same(
      bob.lines.filter(({ code }) => code === 100).map(({ body }) => body['id']),
      storedIds,
      'bob got exactly the stored messages',
    );
    t.equal((await daemon.stop()).code, 0);
  },
);
