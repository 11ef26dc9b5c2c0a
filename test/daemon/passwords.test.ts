// Tests passwords in the running daemon: what is stored, when a hash of another cost is renewed, and that a login does
// not reveal whether a name exists (PROTOCOL.md §7). SALOND_TEST_SIZES=full, as in `npm run test:slow`, guesses
// for longer.
import { join } from 'node:path';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { KnownAddresses } from '../../src/accounts/known-addresses.js';
import { Database } from '../../src/store/sqlite/database.js';
import { Client } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

/** The cost of each user's stored hash, by name, as `N r p` from the header of scrypt's file format. */
async function storedCosts(data: string): Promise<Record<string, string>> {
  const database = await Database.open(join(data, 'salond.db'));
  const rows = await database.all('SELECT name, password FROM users ORDER BY name');
  await database.close();
  return Object.fromEntries(
    rows.map(({ name, password }) => {
      const header = Buffer.from(password as Uint8Array);
      return [String(name), `2^${header.readUInt8(7)} ${header.readUInt32BE(8)} ${header.readUInt32BE(12)}`];
    }),
  );
}

t.test('only a successful login renews a hash of another cost', async (t) => {
  const data = temporaryFolder(t);
  const first = hostDaemon(t, { data });
  for (const name of ['alice', 'bob']) await (await Client.connect(await first.port())).enter(name);
  await first.stop();
  t.same(await storedCosts(data), { alice: '2^10 8 1', bob: '2^10 8 1' });

  const second = hostDaemon(t, {
    data,
    env: { SALOND_PASSWORD_LOG_N: '11', SALOND_PASSWORD_R: '4', SALOND_PASSWORD_P: '2' },
  });
  const port = await second.port();
  for (const password of ['alice password', 'another password', 'alice password']) {
    const client = await Client.connect(port);
    const { code } = await client.request({ command: 'authenticate_user', username: 'alice', password });
    t.equal(code, password === 'alice password' ? 1 : 4);
  }
  const bob = await Client.connect(port);
  t.equal((await bob.request('authenticate_user bob wrong password')).code, 4);
  await (await Client.connect(port)).enter('carol');
  await second.stop();
  t.same(await storedCosts(data), { alice: '2^11 4 2', bob: '2^10 8 1', carol: '2^11 4 2' });
});

t.test('a banned user is told so for the right password alone, and its hash is not renewed', async (t) => {
  const data = temporaryFolder(t);
  const first = hostDaemon(t, { data });
  await (await Client.connect(await first.port())).enter('alice');
  await first.stop();
  const second = hostDaemon(t, { data, env: { SALOND_PASSWORD_LOG_N: '11' } });
  const operator = await Client.connect(await second.control());
  await operator.ok({ command: 'ban', target: 'alice' });
  const client = await Client.connect(await second.port());
  const refused = await client.request('authenticate_user alice alice password');
  t.match(refused, { code: 12, body: { error: 'you are banned', retry_after: undefined } });
  const wrong = await client.request('authenticate_user alice wrong password');
  t.equal(wrong.code, 4);
  t.equal((await client.request('authenticate_user nobody alice password')).raw, wrong.raw);
  await operator.ok({ command: 'ban', target: 'alice', duration: 3600, reason: 'spam' });
  const until = await client.request('authenticate_user alice alice password');
  t.match(until, { code: 12, body: { error: 'you are banned: spam' } });
  const { retry_after: wait } = until.body as { readonly retry_after?: unknown };
  t.ok(Number(wait) > 0 && Number(wait) <= 3_600_000, String(wait));
  await operator.ok('unban alice');
  await operator.ok('disable_account alice');
  t.equal((await client.request('authenticate_user alice alice password')).code, 12);
  t.equal((await client.request('authenticate_user alice wrong password')).code, 4);
  await second.stop();
  t.same(await storedCosts(data), { alice: '2^10 8 1' });
});

t.test(
  'a password is accepted in every equal spelling, whether a user or an operator set it, and its length counts as it came',
  async (t) => {
    const daemon = hostDaemon(t);
    const [composed, decomposed] = ['S\u00e9same, ouvre-toi', 'Se\u0301same,\u00a0ouvre-toi'];
    const client = await Client.connect(await daemon.port());
    const operator = await Client.connect(await daemon.control());
    const assertLogsIn = async (username: string, ...passwords: readonly string[]): Promise<void> => {
      for (const password of passwords) {
        t.equal(
          (await client.request({ command: 'authenticate_user', username, password })).code,
          1,
          `${username} ${encodeURIComponent(password)}`,
        );
        await client.ok('log_out');
      }
    };
    const names = { first_name: 'A', last_name: 'B' };
    await client.ok({ command: 'create_user', username: 'alice', ...names, password: decomposed });
    await assertLogsIn('alice', composed, decomposed);
    await client.ok({ command: 'create_user', username: 'bob', ...names, password: composed });
    await assertLogsIn('bob', decomposed, composed);
    await operator.ok({ command: 'create_account', username: 'carol', ...names, password: decomposed });
    await assertLogsIn('carol', composed, decomposed);
    await operator.ok({ command: 'set_password', user: 'carol', password: '\u3000'.repeat(3) });
    await assertLogsIn('carol', ' '.repeat(3), '\u00a0'.repeat(3));
    t.match(await client.request({ command: 'create_user', username: 'dave', ...names, password: ' '.repeat(7) }), {
      code: 7,
      body: { field: 'password' },
    });
    t.match(
      await client.request({ command: 'create_user', username: 'dave', ...names, password: '\u00a0'.repeat(513) }),
      { code: 7, body: { field: 'password' } },
    );
  },
);

t.test('of wrong passwords that are sent at once only the free attempts are checked', async (t) => {
  const daemon = hostDaemon(t, {
    env: {
      SALOND_EXEMPT_ADDRESSES: '',
      SALOND_METRICS_LISTEN: '127.0.0.1:0',
      SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '1000',
      SALOND_PASSWORD_LOG_N: '11',
    },
  });
  const port = await daemon.port();
  for (const name of ['alice', 'bob']) await (await Client.connect(port)).ok(`create_user ${name} A B rabbit-hole`);
  const codes = async (requests: readonly string[]): Promise<number[]> => {
    const clients = await Promise.all(requests.map(() => Client.connect(port)));
    return Promise.all(
      clients.map(async (client, each) => {
        const { code, body } = await client.request(requests[each] ?? '');
        if (code === 14) t.ok(Number(body['retry_after']) > 0);
        client.destroy();
        return code;
      }),
    );
  };
  const count = (all: readonly number[], code: number): number => all.filter((each) => each === code).length;
  const wrong = await codes(Array.from({ length: 28 }, (_, each) => `authenticate_user alice wrong ${each}`));
  t.same([count(wrong, 4), count(wrong, 14)], [5, 23]);
  t.same(await codes(['authenticate_user ALICE rabbit-hole']), [14], 'another spelling of the name does not help');
  const more = await codes(Array.from({ length: 28 }, (_, each) => `authenticate_user nobody${each} wrong`));
  t.same([count(more, 4), count(more, 14)], [15, 13], 'one address has twenty attempts in total');
  t.match(await daemon.metrics(), /^salond_requests_limited_total\{limit="wrong_passwords"\} 37$/m);
  await daemon.stop();
  t.equal(
    daemon.log.filter(({ event }) => event === 'authentication_failed').length,
    20,
    'no more passwords were checked',
  );
});

t.test(
  'an address from which somebody has logged in is known after a restart, and can be read from no file',
  async (t) => {
    const data = temporaryFolder(t);
    const path = join(data, 'salond.known-addresses');
    const isKnown = (address: string): boolean => new KnownAddresses(() => 30, readFileSync(path, 'utf8')).has(address);
    const first = hostDaemon(t, { data });
    await (await Client.connect(await first.port())).enter('alice');
    await first.stop();
    t.same([isKnown('127.0.0.1'), isKnown('127.0.0.2')], [true, false]);
    t.equal(statSync(path).mode & 0o777, 0o600);
    t.notMatch(readFileSync(path, 'utf8'), /127\.0/);

    const second = hostDaemon(t, { data });
    await (await Client.connectFrom('127.0.0.2', await second.port())).ok('authenticate_user alice alice password');
    await second.stop();
    t.same([isKnown('127.0.0.1'), isKnown('127.0.0.2')], [true, true], 'of both daemons');

    writeFileSync(path, 'torn');
    const third = hostDaemon(t, { data });
    await third.port();
    await third.stop();
    t.equal(readFileSync(path, 'utf8'), 'torn', 'nothing is written without a change');
  },
);

t.test('right passwords never cause a wait', async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_EXEMPT_ADDRESSES: '', SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '1000' } });
  const client = await Client.connect(await daemon.port());
  await client.ok('create_user alice A B rabbit-hole');
  for (let each = 0; each < 25; each += 1) {
    t.equal((await client.request('authenticate_user alice rabbit-hole')).code, 1);
    await client.ok('log_out');
  }
});

t.test('a password that could not be checked does not count', async (t) => {
  // Two checks run and one waits. The other passwords are answered 16 without a check.
  const daemon = hostDaemon(t, {
    env: {
      SALOND_EXEMPT_ADDRESSES: '',
      SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '1000',
      SALOND_PASSWORD_QUEUE: '1',
      SALOND_PASSWORD_LOG_N: '15',
    },
  });
  const port = await daemon.port();
  await (await Client.connect(port)).ok('create_user alice A B rabbit-hole');
  const client = await Client.connect(port);
  const busy = await Promise.all(Array.from({ length: 5 }, () => Client.connect(port)));
  const codes = await Promise.all(
    busy.map(async (each) => (await each.request('authenticate_user alice wrong password')).code),
  );
  t.ok(codes.includes(16) && codes.every((code) => code === 4 || code === 16), codes.join());
  const left = 5 - codes.filter((code) => code === 4).length;
  for (let each = 0; each < left; each += 1)
    t.equal(
      (await client.request('authenticate_user alice wrong password')).code,
      4,
      'a password that was not checked does not count',
    );
  t.equal((await client.request('authenticate_user alice wrong password')).code, 14);
});

/** Logs in, and tries again when it is told to. Answers how many tries it took. */
async function triesToLogIn(client: Client, username: string): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const { code, body, raw } = await client.request(`authenticate_user ${username} rabbit-hole`);
    if (code === 1) return tries;
    if (code !== 16) throw new Error(raw);
    await sleep(Number(body['retry_after']));
  }
}

t.test('eighty addresses that send wrong passwords keep out neither users nor the operator', async (t) => {
  const daemon = hostDaemon(t, {
    env: { SALOND_EXEMPT_ADDRESSES: '', SALOND_PASSWORD_QUEUE: '4', SALOND_PASSWORD_LOG_N: '12' },
  });
  const rounds = process.env['SALOND_TEST_SIZES'] === 'full' ? 5 : 3;
  const port = await daemon.port();
  const operator = await Client.connect(await daemon.control());
  const connectAll = (count: number, net: string): Promise<Client[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => Client.connectFrom(`${net}.${index + 1}`, port)));
  const [guessers, newcomers] = [await connectAll(80, '127.0.9'), await connectAll(rounds, '127.0.4')];
  const [alice, bob] = await connectAll(2, '127.0.3');
  if (alice === undefined || bob === undefined) throw new Error('not connected');
  for (const [username, client] of Object.entries({ alice, bob })) {
    const names = { username, first_name: 'A', last_name: 'B' };
    await operator.ok({ command: 'create_account', ...names, password: 'rabbit-hole' });
    t.equal(await triesToLogIn(client, username), 1);
  }
  await bob.ok('join_chatroom bob lobby');
  // Until this guess their network has asked for no more than the first newcomer's.
  t.equal((await guessers[0]?.request('authenticate_user nobody wrong password'))?.code, 4);
  let refused = 0;
  for (const [round, newcomer] of newcomers.entries()) {
    await alice.ok('log_out');
    // All are sent in one turn of the event loop, and arrive in this order.
    const guesses = guessers.map(async (guesser, index) => {
      const username = ['alice', 'bob', `nobody-${round}`, `nobody-${round}-${index}`][index % 4];
      const { code } = await guesser.request(`authenticate_user ${username} wrong password`);
      if (code === 16) refused += 1;
    });
    const made = { username: `made-${round}`, first_name: 'A', last_name: 'B', password: 'rabbit-hole' };
    const [known, unknown, created, talked] = await Promise.all([
      triesToLogIn(alice, 'alice'),
      triesToLogIn(newcomer, 'bob'),
      operator.request({ command: 'create_account', ...made }),
      bob.say('bob', 'lobby', 'hello'),
    ]);
    t.equal(known, 1, 'a known address gets in at the first try');
    t.equal(unknown, 1, 'so does a new one, in a network that has asked for less');
    t.equal(created.code, 1, 'the operator is never refused');
    t.equal(talked.code, 1, 'a session goes on');
    await Promise.all(guesses);
  }
  t.ok(refused > rounds * 40, `${refused} of ${rounds * 80} guesses were refused`);
});

t.test('no password is on disk', async (t) => {
  const daemon = hostDaemon(t);
  await (await Client.connect(await daemon.port())).enter('alice');
  const file = (name: string): string => readFileSync(join(daemon.data, name), 'latin1');
  for (const name of ['salond.db', 'salond.db-wal']) t.notMatch(file(name), 'alice password', name);
  await daemon.stop();
  t.match(file('salond.db'), 'alice');
  t.notMatch(file('salond.db'), 'alice password');
});

t.test(
  'a login with an unknown name gets the same line as one with a wrong password, after about the same work',
  async (t) => {
    // A hash takes some 20 ms, which is far more than the rest of a login. The daemon is in this process, and so is its
    // work.
    const daemon = hostDaemon(t, { env: { SALOND_PASSWORD_LOG_N: '13' } });
    const client = await Client.connect(await daemon.port());
    await client.enter('alice');
    await client.ok('log_out');
    const times: Record<string, number[]> = { alice: [], nobody: [] };
    const lines = new Set<string>();
    // The names take turns, so that other work of the machine affects both.
    for (let each = 0; each < 15; each += 1) {
      for (const [username, taken] of Object.entries(times)) {
        const start = process.cpuUsage();
        lines.add((await client.request({ command: 'authenticate_user', username, password: 'wrong password' })).raw);
        const { user, system } = process.cpuUsage(start);
        taken.push((user + system) / 1000);
      }
    }
    client.destroy();
    t.equal(lines.size, 1);
    const [known = 0, unknown = 0] = Object.values(times).map((taken) => taken.sort((a, b) => a - b)[7]);
    t.ok(unknown > known / 3 && unknown < known * 3, `${known} ms for a user, ${unknown} ms for nobody`);
  },
);
