// Sets the clock back and forward by an hour: ids still grow, times never go back, and limits and deadlines keep their
// length. libfaketime changes the date that the daemon sees, and not the monotonic clock.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import { skipUnlessInstalled } from '../support/skip.js';

const library = ['/usr/lib', '/usr/lib64', '/lib']
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))])
  .map((folder) => join(folder, 'faketime/libfaketime.so.1'))
  .find((path) => existsSync(path));

const missing = skipUnlessInstalled(library !== undefined, 'libfaketime is not here: apt-get install libfaketime');

t.test(
  'when the clock jumps, ids grow, times never go back, and limits and deadlines keep their length',
  { skip: missing },
  async (t) => {
    const offset = join(temporaryFolder(t), 'offset');
    const setClock = (to: string): void => writeFileSync(offset, `${to}\n`);
    setClock('+0');
    const daemon = startDaemon(t, {
      env: {
        LD_PRELOAD: library ?? '',
        FAKETIME_TIMESTAMP_FILE: offset,
        FAKETIME_NO_CACHE: '1',
        DONT_FAKE_MONOTONIC: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        SALOND_EXEMPT_ADDRESSES: '',
        SALOND_MESSAGES_PER_SECOND: '1',
        SALOND_LINE_SECONDS: '2',
        SALOND_CONNECTIONS_PER_MINUTE: '60',
      },
    });
    const port = await daemon.port();
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const bob = await (await Client.connect(port)).enter('bob', 'lobby');
    const times: number[] = [];
    const say = async (): Promise<void> => {
      const { body: reply } = await alice.ok({
        command: 'chatroom_message',
        username: 'alice',
        room: 'lobby',
        message: 'tick',
      });
      const { body } = await bob.event();
      t.equal(body['id'], reply['id']);
      t.equal(body['id'], times.length + 1);
      times.push(Date.parse(String(body['time'])));
    };
    await say();
    setClock('-3600');
    await say();
    t.equal(times[1], times[0], 'while the clock is behind the last message, its time is used again');
    setClock('+3600');
    await say();
    const hour = 3_600_000;
    t.ok((times[2] ?? 0) - (times[1] ?? 0) > hour - 60_000, 'the clock has changed');
    setClock('+0');
    await say();
    t.equal(times[3], times[2]);

    const carol = await (await Client.connect(port)).enter('carol', 'den');
    for (const to of ['+3600', '-3600', '+0']) {
      setClock(to);
      const codes = new Set<number>();
      for (let each = 0; each < 12; each += 1) {
        const { code, body } = await carol.say('carol', 'den', 'tick');
        codes.add(code);
        if (code === 14)
          t.ok(
            Number(body['retry_after']) > 0 && Number(body['retry_after']) <= 1000,
            'retry_after is at most a second',
          );
      }
      t.ok(codes.has(14), 'the limit applies');
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 1100);
    });
    t.equal((await carol.say('carol', 'den', 'tick')).code, 1, 'the limit ends');

    for (const to of ['-3600', '+3600']) {
      const guest = await Client.connect(port);
      guest.socket.write('pin');
      const started = performance.now();
      await new Promise((resolve) => {
        setTimeout(resolve, 500);
      });
      setClock(to);
      // A deadline that is an hour late is not waited for by this test.
      await guest.closed;
      t.match(guest.lines, [{ code: 199 }]);
      t.ok(performance.now() - started >= 1990, 'the deadline is not early');
    }
  },
);

t.test(
  'after the clock was ahead once, the time stands still, which is logged, until an operator resets it',
  { skip: missing },
  async (t) => {
    const data = temporaryFolder(t);
    const offset = join(temporaryFolder(t), 'offset');
    const start = (): Daemon =>
      startDaemon(t, {
        data,
        env: {
          LD_PRELOAD: library ?? '',
          FAKETIME_TIMESTAMP_FILE: offset,
          FAKETIME_NO_CACHE: '1',
          DONT_FAKE_MONOTONIC: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
      });
    const setClock = (to: string): void => writeFileSync(offset, `${to}\n`);
    const say = async (daemon: Daemon): Promise<string> => {
      const port = await daemon.port();
      const [alice, bob] = [
        await (await Client.connect(port)).enter('alice', 'lobby'),
        await (await Client.connect(port)).enter('bob', 'lobby'),
      ];
      alice.send({ command: 'chatroom_message', username: 'alice', room: 'lobby', message: 'tick' });
      let line = await bob.event();
      while (line.code !== 100) line = await bob.event();
      alice.destroy();
      bob.destroy();
      return String(line.body['time']);
    };
    const present = new Date().toISOString().slice(0, 4);
    const aheadSeconds = 73 * 365 * 86_400;
    const ahead = new Date(Date.now() + aheadSeconds * 1000).toISOString().slice(0, 4);
    const warnings = ({ log }: Daemon): unknown[] => log.filter(({ event }) => event === 'clock_behind');

    setClock('+0');
    const first = start();
    t.equal((await say(first)).slice(0, 4), present);
    setClock(`+${aheadSeconds}`);
    // No message is stored at that time, so it has no effect.
    await (await Client.connect(await first.control())).ok('status');
    setClock('+0');
    t.equal((await say(first)).slice(0, 4), present);
    setClock(`+${aheadSeconds}`);
    const frozen = await say(first);
    t.equal(frozen.slice(0, 4), ahead);
    t.same(warnings(first), []);
    setClock('+0');
    for (let each = 0; each < 3; each += 1) t.equal(await say(first), frozen);
    t.match(warnings(first), [{ level: 'warn', newest: frozen, seconds: Number }], 'logged once');
    await first.stop();

    const second = start();
    await second.logged('ready');
    t.match(warnings(second), [{ newest: frozen }], 'logged at the start');
    const operator = await Client.connect(await second.control());
    t.ok(Number((await operator.ok('status')).body['clock_behind']) > aheadSeconds - 86_400);
    const { body } = await operator.ok('reset_time');
    t.ok(Number(body['back']) > aheadSeconds - 86_400);
    t.match((await operator.ok('status')).body, { clock_behind: 0 });
    operator.destroy();
    await second.stop('SIGKILL');

    const third = start();
    t.equal(
      (await say(third)).slice(0, 4),
      present,
      'the reset survives a kill, even if no message was stored after it',
    );
    await third.stop();
    const fourth = start();
    t.equal((await say(fourth)).slice(0, 4), present);
    t.same([...warnings(third), ...warnings(fourth)], []);
    const history = await (await Client.connect(await fourth.port())).enter('alice', 'lobby');
    history.send({ command: 'chatroom_history', room: 'lobby' });
    t.match(await history.reply(), { code: 1, body: { count: 8 } });
    t.same(
      history.lines.filter(({ code }) => code === 110).map(({ body: { id } }) => id),
      [1, 2, 3, 4, 5, 6, 7, 8],
      'ids have no gap',
    );
  },
);
