// Tests the targets of operators' commands: commands on accounts take a name alone; bans and kicks take a user, an
// address, a network or a session. Nothing is guessed, and every reply says what the target was understood as.
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import type { RunningDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

t.jobs = 4;
const buffered = { buffered: true };

interface Setup {
  readonly daemon: RunningDaemon;
  readonly port: number;
  readonly operator: Client;
  readonly ask: (command: string, target: string, more?: object) => ReturnType<Client['request']>;
}

async function begin(t: Test): Promise<Setup> {
  const daemon = hostDaemon(t, { env: { SALOND_CONNECTIONS_PER_MINUTE: '1000' } });
  const [port, operator] = [await daemon.port(), await Client.connect(await daemon.control())];
  t.teardown(() => operator.destroy());
  return {
    daemon,
    port,
    operator,
    ask: (command, target, more = {}) => operator.request({ command, target, ...more }),
  };
}

/** Names that look like addresses. They are valid names, because a name has letters, digits, `_`, `.` and `-`. */
const names = ['10.0.0.5', '127.0.0.1', 'fe80..1', '0', '1.2.3', 'dead.beef', '１.1.1.1'];

t.test(
  'account commands take every target as a name, even one like an address, and end no other session',
  buffered,
  async (t) => {
    const { port, operator } = await begin(t);
    const bystander = await (await Client.connect(port)).enter('alice');
    for (const name of names) {
      t.match(await operator.request({ command: 'disable_account', user: name }), { code: 11 }, `there is no ${name}`);
      const client = await (await Client.connect(port)).enter(name);
      t.match(await operator.request({ command: 'set_password', user: name, password: 'looking-glass' }), {
        code: 1,
        body: { username: name, sessions: 1 },
      });
      await client.closed;
      const again = await Client.connect(port);
      await again.ok({ command: 'authenticate_user', username: name, password: 'looking-glass' });
      t.match(await operator.request({ command: 'disable_account', user: name }), {
        code: 1,
        body: { username: name, sessions: 1 },
      });
      await again.closed;
      t.match(await operator.request({ command: 'enable_account', user: name }), { code: 1, body: { username: name } });
      const third = await Client.connect(port);
      await third.ok({ command: 'authenticate_user', username: name, password: 'looking-glass' });
      t.match(await operator.request({ command: 'own_room', room: 'attic', user: name }), { code: 11 });
      t.match(await operator.request({ command: 'delete_account', user: name }), {
        code: 1,
        body: { username: name, sessions: 1 },
      });
      await third.closed;
    }
    await bystander.ok('ping');
    bystander.destroy();
  },
);

t.test('a target that is both an address and a user is refused until its kind is given', buffered, async (t) => {
  const { port, ask } = await begin(t);
  const alice = await (await Client.connect(port)).enter('alice');
  const client = await (await Client.connect(port)).enter('127.0.0.1');
  for (const command of ['ban', 'kick']) {
    t.match(
      await ask(command, '127.0.0.1'),
      { code: 7, body: { field: 'target', error: /say address:127\.0\.0\.1 or user:127\.0\.0\.1/ } },
      command,
    );
  }
  t.match(await ask('kick', 'user:127.0.0.1'), {
    code: 1,
    body: { kind: 'user', target: 'user:127.0.0.1', sessions: 1 },
  });
  await client.closed;
  t.match(await ask('ban', 'user:127.0.0.1'), {
    code: 1,
    body: { kind: 'user', target: 'user:127.0.0.1', sessions: 0 },
  });
  t.match(
    await ask('unban', '127.0.0.1'),
    { code: 1, body: { kind: 'user', target: 'user:127.0.0.1' } },
    'only one of the two is banned',
  );
  await ask('ban', 'user:127.0.0.1');
  t.match(await ask('ban', 'address:127.0.0.1', { reason: 'both' }), {
    code: 1,
    body: { kind: 'address', target: '127.0.0.1', sessions: 1 },
  });
  await alice.closed;
  t.match(await ask('list_bans', 'x', { target: undefined }), {
    body: {
      bans: [
        { target: '127.0.0.1', kind: 'address', reason: 'both' },
        { target: 'user:127.0.0.1', kind: 'user' },
      ],
    },
  });
  t.match(await ask('list_bans', 'x', { target: undefined, after: '127.0.0.1', limit: 1 }), {
    body: { bans: [{ target: 'user:127.0.0.1' }], more: false },
  });
  t.match(await ask('unban', '127.0.0.1'), {
    code: 7,
    body: { error: /say address:127\.0\.0\.1 or user:127\.0\.0\.1/ },
  });
  t.match(await ask('unban', 'address:127.0.0.1'), { code: 1, body: { kind: 'address', target: '127.0.0.1' } });
  t.match(await ask('unban', 'user:127.0.0.1'), { code: 1, body: { kind: 'user' } });
});

t.test('every reply says what the target was understood as, however it is written', buffered, async (t) => {
  const { port, ask } = await begin(t);
  await (await Client.connect(port)).enter('Mallory');
  const targets: readonly (readonly [string, string, string, string | undefined])[] = [
    ['MALLORY', 'user', 'mallory', 'MALLORY'],
    ['user:mallory', 'user', 'mallory', undefined],
    ['mallory', 'user', 'mallory', undefined],
    ['192.0.2.1', 'address', '192.0.2.1', undefined],
    ['address:192.0.2.1', 'address', '192.0.2.1', undefined],
    ['192.0.2.1/32', 'address', '192.0.2.1', '192.0.2.1/32'],
    ['198.51.100.0/24', 'network', '198.51.100.0/24', undefined],
    ['198.51.100.7/24', 'network', '198.51.100.0/24', '198.51.100.7/24'],
    ['::ffff:192.0.2.9', 'address', '192.0.2.9', '::ffff:192.0.2.9'],
    ['::ffff:c000:20a', 'address', '192.0.2.10', '::ffff:c000:20a'],
    ['::ffff:203.0.113.9/120', 'network', '203.0.113.0/24', '::ffff:203.0.113.9/120'],
    ['2001:DB8:0:0::1', 'address', '2001:db8::1', '2001:DB8:0:0::1'],
    ['2001:db8:7::1/48', 'network', '2001:db8:7::/48', '2001:db8:7::1/48'],
    ['fe80::1%eth0', 'address', 'fe80::1', 'fe80::1%eth0'],
  ];
  for (const [text, kind, target, asked] of targets) {
    const { code, body } = await ask('ban', text);
    t.same([code, body['kind'], body['target'], body['asked']], [1, kind, target, asked], text);
    t.match(await ask('unban', text), { code: 1, body: { kind, target, asked } }, text);
  }
  for (const [text, code] of [
    ['nobody', 11],
    ['user:nobody', 11],
    ['user:', 7],
    ['USER:', 7],
    ['#99', 11],
    ['#0', 11],
    ['#9007199254740993', 11],
    ['#-1', 7],
    ['address:mallory', 7],
    ['address:', 7],
    ['address:192.0.2.0/33', 7],
    ['192.0.2.0/33', 7],
    ['#x', 7],
    ['group:x', 7],
  ] as const) {
    for (const command of ['ban', 'kick']) t.equal((await ask(command, text)).code, code, `${command} ${text}`);
  }
  t.match(await ask('unban', 'mallory'), { code: 11, body: { error: /no ban of mallory/ } });
});

t.test("a ban of a session's number bans its user, or its address if it has no user", buffered, async (t) => {
  const { port, operator, ask } = await begin(t);
  const mallory = await (await Client.connect(port)).enter('mallory');
  const other = await (await Client.connect(port)).enter('mallory');
  const guest = await Client.connectFrom('127.0.0.9', port);
  await guest.ok('ping');
  t.match(await ask('ban', '#1', { reason: 'spam' }), {
    code: 1,
    body: { kind: 'user', target: 'mallory', asked: '#1', sessions: 2 },
  });
  await Promise.all([mallory.closed, other.closed]);
  t.match(await ask('kick', '#1'), { code: 11 });
  t.match(await ask('ban', '#3', { duration: 60 }), {
    code: 1,
    body: { kind: 'address', target: '127.0.0.9', asked: '#3', until: String, sessions: 1 },
  });
  await guest.closed;
  t.match(guest.lines.at(-1), { code: 199, body: { reason: 'you are banned', retry_after: 60_000 } });
  t.equal(mallory.lines.at(-1)?.body['retry_after'], undefined);
  const { body } = await operator.ok('list_bans');
  t.match(body, { bans: [{ target: '127.0.0.9' }, { target: 'mallory', reason: 'spam' }] });
  const third = await Client.connect(port);
  await third.ok('ping');
  t.match(await ask('kick', '#4'), { code: 1, body: { kind: 'session', target: '#4', sessions: 1 } });
  await third.closed;
});

t.test('every reply names the ban that was replaced, and the wider and narrower bans', buffered, async (t) => {
  const { ask, port } = await begin(t);
  t.match(await ask('ban', '192.0.2.0/24', { reason: 'first', duration: 3600 }), {
    code: 1,
    body: { replaced: undefined, wider: undefined, narrower: undefined },
  });
  t.match(await ask('ban', '192.0.2.1/24', { reason: 'second' }), {
    code: 1,
    body: {
      kind: 'network',
      target: '192.0.2.0/24',
      asked: '192.0.2.1/24',
      until: undefined,
      replaced: { reason: 'first', created: String, until: String },
      wider: undefined,
    },
  });
  t.match(await ask('ban', '192.0.2.7'), {
    body: { target: '192.0.2.7', replaced: undefined, wider: ['192.0.2.0/24'], narrower: undefined },
  });
  t.match(await ask('ban', '192.0.0.0/16'), {
    body: { narrower: ['192.0.2.0/24', '192.0.2.7'], narrower_count: 2, wider: undefined },
  });
  t.match(await ask('ban', '::ffff:192.0.2.7', { reason: 'again' }), {
    body: { target: '192.0.2.7', replaced: { reason: '' }, wider: ['192.0.2.0/24', '192.0.0.0/16'] },
  });
  t.match(await ask('ban', '198.51.100.1'), { body: { replaced: undefined, wider: undefined, narrower: undefined } });
  t.match(await ask('unban', '192.0.2.9'), { code: 11, body: { error: /it is in 192\.0\.2\.0\/24, which is banned/ } });
  t.match(await ask('unban', '192.0.2.0/24'), { code: 1, body: { wider: ['192.0.0.0/16'], narrower: ['192.0.2.7'] } });
  t.match(await ask('unban', '192.0.0.0/16'), { code: 1, body: { wider: undefined, narrower: ['192.0.2.7'] } });
  for (let each = 0; each < 30; each += 1) await ask('ban', `203.0.113.${each}`);
  const { body } = await ask('ban', '203.0.113.0/24');
  t.equal((body['narrower'] as readonly unknown[]).length, 20);
  t.equal(body['narrower_count'], 30);
  await (await Client.connect(port)).enter('mallory');
  await ask('ban', 'mallory', { duration: 60 });
  t.match(await ask('ban', 'MALLORY', { duration: 120, reason: 'longer' }), {
    body: { replaced: { reason: '', until: String }, until: String },
  });
});
