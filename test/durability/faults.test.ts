// Tests the real daemon on a disk that is full and on one that fails: strace makes the system calls fail. A full disk
// costs only the requests that come meanwhile (code 2). After a failed sync the daemon sends nothing more (PROTOCOL.md
// §3.4).
import { spawn } from 'node:child_process';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import { noStrace } from './trace.js';

const start = (t: Test, data: string): Daemon => startDaemon(t, { data });

/**
 * Changes the results of the daemon's system calls until the returned function is called. `how` is as for strace's
 * `inject`.
 */
async function inject(t: Test, daemon: Daemon, calls: string, how: string): Promise<() => Promise<unknown>> {
  const { pid } = await daemon.logged('ready');
  const strace = spawn(
    'strace',
    [
      '-f',
      '-p',
      String(pid),
      '-o',
      '/dev/null',
      '-e',
      'signal=none',
      '-e',
      `trace=${calls}`,
      '-e',
      `inject=${calls}:${how}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise((resolve) => {
    strace.on('close', resolve);
  });
  const stop = async (): Promise<unknown> => {
    strace.kill('SIGTERM');
    return ended;
  };
  t.teardown(stop);
  let text = '';
  await new Promise<void>((resolve, reject) => {
    strace.stderr.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.includes('attached')) resolve();
    });
    void ended.then(() => reject(new Error(`strace ended: ${text}`)));
  });
  return stop;
}

const message = (text: string, key?: string): object => ({
  command: 'chatroom_message',
  username: 'alice',
  room: 'lobby',
  message: text,
  ...(key === undefined ? {} : { key }),
});

t.test('the daemon on a disk that is full or fails', { skip: noStrace() }, async (t) => {
  await t.test(
    'messages that find the disk full are answered 2 and shown to nobody, and the daemon goes on',
    async (t) => {
      const daemon = start(t, temporaryFolder(t));
      const port = await daemon.port();
      const alice = await (await Client.connect(port)).enter('alice', 'lobby');
      const bob = await (await Client.connect(port)).enter('bob', 'lobby');
      t.match(await alice.ok(message('before')), { body: { id: 1 } });
      t.match(await bob.event(), { body: { message: 'before' } });

      const free = await inject(t, daemon, 'pwrite64', 'error=ENOSPC');
      const lost = [...Array(10).keys()].map((index) =>
        message(`lost ${index}`, index % 2 === 0 ? `k${index}` : undefined),
      );
      alice.send(...lost);
      for (const _ of lost) t.equal((await alice.reply()).code, 2);
      const user = { first_name: 'A', last_name: 'B', password: 'carol password' };
      t.equal((await bob.request({ command: 'create_user', username: 'carol', ...user })).code, 2);
      t.equal((await alice.request({ command: 'join_chatroom', username: 'alice', room: 'den' })).code, 2);
      t.match(
        await bob.ok({ command: 'chatroom_history', room: 'lobby' }),
        { body: { count: 1, last: 1 } },
        'what is stored can be read',
      );
      await alice.ok('ping');
      t.ok(daemon.log.some(({ event, level }) => event === 'commit_failed' && level === 'error'));

      await free();
      const { body } = await alice.ok(message('after', 'k0'));
      t.match([body['id'], body['duplicate']], [2, undefined], 'the key and the id of the failed message are free');
      t.match(
        await bob.event(),
        { code: 100, body: { id: 2, prev: 1, message: 'after' } },
        'nothing was sent in between',
      );
      await bob.ok({ command: 'create_user', username: 'carol', ...user });
      await alice.ok({ command: 'join_chatroom', username: 'alice', room: 'den' });
      t.equal((await daemon.stop()).code, 0);
    },
  );

  await t.test('a disk that takes two seconds to sync delays only the requests that store something', async (t) => {
    const daemon = start(t, temporaryFolder(t));
    const port = await daemon.port();
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const bob = await (await Client.connect(port)).enter('bob', 'lobby');
    await alice.ok(message('before'));
    await bob.event();
    const removeDelay = await inject(t, daemon, 'fsync,fdatasync', 'delay_exit=2000000');
    const started = performance.now();
    const answer = alice.request(message('slow'));
    let answered = false;
    void answer.then(() => {
      answered = true;
    });
    const requests = ['ping', 'help', 'list_chatrooms', 'list_users lobby', 'chatroom_history lobby', 'get_server'];
    for (let round = 0; round < 5; round += 1) {
      for (const request of requests) t.equal((await bob.request(request)).code, 1);
      const other = await Client.connect(port);
      t.equal((await other.request('ping')).code, 1, 'new connections too');
      other.destroy();
    }
    t.notOk(answered, 'the requests of others are answered before it');
    t.match(await answer, { code: 1, body: { id: 2 } });
    t.ok(performance.now() - started >= 2000);
    while ((await bob.next()).body['message'] !== 'slow');
    await removeDelay();
    t.match(await alice.ok(message('quick')), { body: { id: 3 } });
  });

  // SQLite does not say which of the two happened. After either, nobody knows what is on disk.
  for (const [what, calls, error] of [
    ['a failed sync', 'fsync,fdatasync', 'EIO'],
    ['the disk has turned read-only', 'pwrite64', 'EROFS'],
  ] as const) {
    await t.test(
      `after ${what} the daemon answers nothing more and ends, and what it answered before is stored`,
      async (t) => {
        const data = temporaryFolder(t);
        const daemon = start(t, data);
        const port = await daemon.port();
        const alice = await (await Client.connect(port)).enter('alice', 'lobby');
        const bob = await (await Client.connect(port)).enter('bob', 'lobby');
        await alice.ok(message('before'));
        await bob.event();
        const linesBefore = [alice.lines.length, bob.lines.length];

        await inject(t, daemon, calls, `error=${error}`);
        alice.send(...Array.from({ length: 10 }, (_, index) => message(`unknown ${index}`, `k${index}`)));
        bob.send({
          command: 'create_user',
          username: 'carol',
          first_name: 'A',
          last_name: 'B',
          password: 'carol password',
        });
        await Promise.all([alice.closed, bob.closed]);
        t.same([alice.lines.length, bob.lines.length], linesBefore, 'nothing was answered or shown');
        t.equal((await daemon.exited).code, 1);
        t.ok(daemon.log.some(({ event, level }) => event === 'store_broken' && level === 'fatal'));

        const next = start(t, data);
        const again = await (await Client.connect(await next.port())).enter('alice', 'lobby');
        const ids = new Set<unknown>();
        for (let index = 0; index < 10; index += 1)
          ids.add((await again.ok(message(`unknown ${index}`, `k${index}`))).body['id']);
        t.same([...ids], [2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 'each message is stored once when it is sent again');
        t.match(await again.ok({ command: 'chatroom_history', room: 'lobby' }), { body: { count: 11 } });
        t.match(
          again.lines.find(({ code }) => code === 110),
          { body: { id: 1, message: 'before' } },
        );
      },
    );
  }
});
