// Tests salonctl from the command line: its output, its exit status, and its backups and exports.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { hostDaemon } from '../support/in-process.js';
import { root, temporaryFolder } from '../support/daemon.js';
import { hostForOperators, salonctl, salonctlHere, type Target } from '../support/salonctl.js';

t.jobs = 4;
const buffered = { buffered: true };

t.test('people get tables, programs get JSON, and the exit status tells the outcome', buffered, async (t) => {
  const { port, socket } = await hostForOperators(t);
  t.match(await salonctl(t, ['users', 'create', 'alice', 'Alice', 'Liddell'], { socket, input: 'rabbit-hole\n' }), {
    status: 0,
    out: 'alice is created\n',
    err: '',
  });
  t.equal((await (await Client.connect(port)).request('authenticate_user alice rabbit-hole')).code, 1);
  t.match(await salonctl(t, ['users', 'create', 'a1ice', 'A', 'B'], { socket, input: 'rabbit-hole' }), {
    status: 1,
    out: '',
    err: /^salonctl: users create a1ice A B: this name is taken/,
  });
  t.match(await salonctl(t, ['users', 'create', 'bob', 'A', 'B'], { socket }), { status: 64, err: /standard input/ });
  t.match(await salonctl(t, ['users'], { socket }), {
    status: 0,
    out: /^USERNAME +FIRST NAME +LAST NAME +STATE +SESSIONS +CREATED\nalice +Alice +Liddell +active +1 +20/,
  });
  const { status, out } = await salonctl(t, ['--json', 'sessions'], { socket });
  t.equal(status, 0);
  t.match(JSON.parse(out), { sessions: [{ session: 1, username: 'alice', address: '127.0.0.1' }] });
  t.match(await salonctl(t, ['kick', 'nobody'], { socket }), {
    status: 1,
    err: 'salonctl: kick nobody: there is no user of that name\n',
  });
});

t.test('a list of several pages is shown as one list', buffered, async (t) => {
  const { port, socket } = await hostForOperators(t);
  const alice = await (await Client.connect(port)).enter('alice');
  const names = Array.from({ length: 150 }, (_, each) => `room${String(each).padStart(3, '0')}`);
  for (const room of names) await alice.ok({ command: 'join_chatroom', username: 'alice', room });
  const { out } = await salonctlHere(['--json', 'rooms'], { socket });
  t.same(
    (JSON.parse(out) as { rooms: { room: string }[] }).rooms.map(({ room }) => room),
    names,
  );
});

t.test('all that is stored about a user is written, and no secret', buffered, async (t) => {
  const { port, socket } = await hostForOperators(t);
  const [alice, bob] = [await Client.connect(port), await (await Client.connect(port)).enter('bob', 'lobby')];
  await alice.enter('alice', 'lobby', 'attic', 'cellar');
  await alice.ok({ command: 'update_user', last_name: 'Liddell', status: 'down the hole' });
  await alice.ok('set_topic attic tea at six');
  await alice.ok('create_token phone');
  await alice.ok({ command: 'ban_user', room: 'attic', user: 'bob', duration: 3600, reason: 'for being late' });
  await alice.ok('mark_read lobby 0');
  await alice.ok({ command: 'chatroom_message', username: 'alice', room: 'lobby', message: 'hers', key: 'one' });
  await bob.ok({ command: 'chatroom_message', username: 'bob', room: 'lobby', message: 'not about her' });
  const edit = { command: 'post_message', room: 'lobby', message: 'hers, better', kind: 'edit', re: 1 };
  await alice.ok(edit);
  await alice.ok('invite_user cellar bob');
  await alice.ok('direct_message bob to him');
  await bob.ok('direct_message alice to her');
  await bob.ok('direct_message bob to himself');
  await alice.ok('block_user bob');
  const to = join(temporaryFolder(t), 'alice.jsonl');
  t.match(await salonctlHere(['users', 'export', 'Alice', '--to', to], { socket }), { status: 0, err: '' });
  const text = readFileSync(to, 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const of = (table: string): typeof lines => lines.filter((line) => line['in'] === table);
  t.match(of('users'), [{ name: 'alice', last_name: 'Liddell', status: 'down the hole', state: 'active' }]);
  t.same(
    of('members').map((line) => line['room_name']),
    ['lobby', 'attic', 'cellar', 'cellar'],
  );
  t.match(of('members').at(-1), { user_name: 'bob', key: 'bob', invited: 1 }, 'an invitation that she made');
  t.match(of('roles'), [
    { room_name: 'attic', role: 'owner' },
    { room_name: 'cellar', role: 'owner' },
  ]);
  t.match(of('room_bans'), [{ room_name: 'attic', user_name: 'bob', reason: 'for being late' }]);
  t.match(of('topics'), [{ room_name: 'attic', topic: 'tea at six' }]);
  t.match(of('tokens'), [{ label: 'phone' }]);
  t.match(of('blocks'), [{ blocked_name: 'bob' }]);
  t.match(of('conversations'), [{ with_name: 'bob' }]);
  t.match(of('messages'), [
    { room_name: 'lobby', id: 1, message: 'hers', key: 'one' },
    { room_name: 'lobby', id: 3, message: 'hers, better', kind: 'edit', about: 1 },
    { id: 1, message: 'cellar', kind: 'notice', with_name: 'bob' },
    { id: 2, message: 'to him', with_name: 'bob' },
    { id: 3, message: 'to her', author_name: 'bob', with_name: 'bob' },
  ]);
  t.equal(of('messages').length, 5);
  t.notMatch(text, /password|stored_key|server_key/);
  t.match(await salonctlHere(['users', 'export', 'nobody', '--to', `${to}2`], { socket }), {
    status: 1,
    err: 'salonctl: users export nobody: there is no user of that name\n',
  });
  t.notOk(existsSync(`${to}2`));
  const { status, out } = await salonctl(t, ['users', 'export', 'alice'], { socket });
  t.same([status, out], [0, text], 'on standard output too');
});

t.test(
  '--limit ends a list after so many items, also across pages, and salonctl says how to see the next ones',
  buffered,
  async (t) => {
    const { socket } = await hostForOperators(t);
    const operator = await Client.connect(socket);
    // With such long reasons only few bans fit on one line of the protocol.
    const targets = Array.from({ length: 150 }, (_, each) => `192.0.2.${each}`).sort();
    for (const target of targets) await operator.ok({ command: 'ban', target, reason: 'x'.repeat(400) });
    const list = async (...args: readonly string[]): Promise<{ targets: readonly string[]; more: unknown }> => {
      const { bans, more } = JSON.parse((await salonctlHere(['bans', '--json', ...args], { socket })).out) as {
        bans: { target: string }[];
        more: unknown;
      };
      return { targets: bans.map(({ target }) => target), more };
    };
    t.same(await list(), { targets, more: false });
    t.same(await list('--limit', '120'), { targets: targets.slice(0, 120), more: true });
    t.same(await list('--limit', '5000'), { targets, more: false });
    t.same(await list('--limit', '150'), { targets, more: false });
    t.same(await list('--limit', '2', '--after', '192.0.2.97'), { targets: ['192.0.2.98', '192.0.2.99'], more: false });
    const { status, out, err } = await salonctlHere(['bans', '--limit', '3'], { socket });
    t.same(
      [status, out.trimEnd().split('\n').length, err],
      [0, 4, 'salonctl: there are more. --after 192.0.2.10 shows the next ones.\n'],
    );
    t.equal((await salonctlHere(['bans', '--limit', '150'], { socket })).err, '');
  },
);

t.test('the message about a refusal repeats the request', buffered, async (t) => {
  const { socket } = await hostForOperators(t);
  const refusals: readonly (readonly [readonly string[], string])[] = [
    [['ban', 'alice '], "ban 'alice ': there is no user of that name"],
    [
      ['ban', '192.0.2.1', '--duration', '99999999d'],
      'ban 192.0.2.1 --duration 99999999d: duration must be an integer from 1 to 315,576,000: seconds, at most ten years; read: 8639999913600',
    ],
    [
      ['ban', 'mallory', '--duration', '0'],
      'ban mallory --duration 0s: duration must be an integer from 1 to 315,576,000: seconds, at most ten years; read: 0',
    ],
    [['kick', '192.0.2.0/24'], 'kick 192.0.2.0/24: no session is from 192.0.2.0/24'],
    [['kick', '#007'], "kick '#007': there is no session #7"],
    [['ban', '#9007199254740993'], "ban '#9007199254740993': there is no session #9007199254740993"],
    [['unban', 'user:'], 'unban user:: there is nothing behind user:'],
    [
      ['ban', '192.0.2.1/33'],
      "ban 192.0.2.1/33: 192.0.2.1/33 is not a user's name, an IP address, a network like 192.0.2.0/24, or a session like #7",
    ],
  ];
  for (const [args, text] of refusals)
    t.match(await salonctlHere(args, { socket }), { status: 1, err: `salonctl: ${text}\n` });
  await salonctlHere(['users', 'create', 'alice', 'A', 'L'], { socket, input: 'rabbit-hole' });
  t.match(await salonctlHere(['kick', 'alice'], { socket }), {
    status: 1,
    err: 'salonctl: kick alice: the user alice has no session\n',
  });
  await salonctlHere(['users', 'create', '127.0.0.1', 'A', 'L'], { socket, input: 'rabbit-hole' });
  t.match(await salonctlHere(['kick', 'user:127.0.0.1'], { socket }), {
    status: 1,
    err: 'salonctl: kick user:127.0.0.1: the user 127.0.0.1 has no session\n',
  });
});

const strange = '\0é\u2028"\\\u{1f600}\ufffe';

/** Starts a daemon with two users, two rooms, a ban and some hundred messages, of which one in seven has a key. */
async function filled(t: Test): Promise<Target> {
  const { daemon, port, socket } = await hostForOperators(t);
  const alice = await (await Client.connect(port)).enter('Alice', 'Lobby', 'attic');
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  for (let each = 0; each < 300; each += 1) {
    const key = each % 7 === 0 ? { key: `key ${each}` } : {};
    (each % 3 === 0 ? bob : alice).send({
      command: 'chatroom_message',
      username: each % 3 === 0 ? 'bob' : 'alice',
      room: 'lobby',
      message: `${strange}${each}`,
      ...key,
    });
  }
  await alice.say('alice', 'attic', 'dust');
  await bob.ok('ping');
  await salonctlHere(['ban', '192.0.2.0/24', '--reason', 'spam'], { socket });
  return { daemon, socket, port };
}

/** Starts a daemon on the data, and returns everything that clients and operators can read of it. */
async function contents(t: Test, data: string): Promise<unknown> {
  const daemon = hostDaemon(t, { data });
  const port = await daemon.port();
  const reader = await Client.connect(port);
  await reader.ok('authenticate_user alice Alice password');
  const rooms = [];
  for (const room of ['lobby', 'attic']) {
    reader.send({ command: 'join_chatroom', username: 'alice', room, after: 0 });
    rooms.push((await reader.reply()).body);
  }
  const messages = reader.lines.filter(({ code }) => code === 110).map(({ body }) => body);
  const duplicate = await (await Client.connect(port))
    .enter('bob', 'lobby')
    .then((bob) => bob.say('bob', 'lobby', `${strange}21`, { key: 'key 21' }));
  const operator = await Client.connect(await daemon.control());
  const owners = (await operator.ok('show_room lobby')).body;
  const bans = (await operator.ok('list_bans')).body;
  const accounts = (await operator.ok('list_accounts')).body['accounts'] as { sessions: number }[];
  await daemon.stop();
  return {
    rooms,
    messages,
    duplicate: duplicate.body,
    bans,
    owners: owners['owners'],
    accounts: accounts.map((each) => ({ ...each, sessions: 0 })),
  };
}

t.test('a backup of a running daemon has everything that was answered, and can be restored', buffered, async (t) => {
  const { daemon, socket } = await filled(t);
  const folder = temporaryFolder(t);
  const file = join(folder, 'backup.db');
  t.match(await salonctl(t, ['--json', 'backup', file], { socket }), { status: 0, out: /"bytes":\d+/ });
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.match(await salonctlHere(['backup', file], { socket }), { status: 73, err: /is there already/ });
  t.match(await salonctlHere(['backup', '/nowhere/backup.db'], { socket }), { status: 73 });
  t.same(
    readdirSync(daemon.data)
      .sort()
      .filter((name) => name.startsWith('backup')),
    [],
    'no copy stays beside the data',
  );
  t.match(await salonctl(t, ['restore', file, '--data', daemon.data, '--replace']), { status: 65, err: /in use/ });
  await daemon.stop();

  const data = join(folder, 'data');
  t.match(await salonctl(t, ['restore', file, '--data', data]), { status: 0 });
  t.same(await contents(t, data), await contents(t, daemon.data));
  t.match(await salonctlHere(['restore', file, '--data', data]), { status: 65, err: /--replace moves it aside/ });
  t.match(await salonctl(t, ['restore', file, '--data', data, '--replace']), {
    status: 0,
    out: /^restored to .*; the old data is salond\.db-replaced-/,
  });
  t.equal(readdirSync(data).filter((name) => /^salond\.db-replaced-[^.]+$/.test(name)).length, 1);

  const damaged = join(folder, 'damaged.db');
  const changed = readFileSync(file);
  changed.write('rust', changed.indexOf('"dust"') + 1);
  writeFileSync(damaged, changed);
  t.match(await salonctlHere(['restore', damaged, '--data', join(folder, 'other')]), { status: 65, err: /damaged/ });
  t.notOk(existsSync(join(folder, 'other/salond.db')));
  t.match(await salonctlHere(['restore', join(root, 'package.json'), '--data', join(folder, 'other')]), {
    status: 65,
    err: /is not a database/,
  });
});

t.test('an export has all data, and an import restores it', buffered, async (t) => {
  const { daemon, socket } = await filled(t);
  const folder = temporaryFolder(t);
  const [file, again, backup] = ['export.jsonl', 'again.jsonl', 'backup.db'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  t.match(await salonctl(t, ['--json', 'export', file], { socket }), { status: 0, out: /"lines":3\d\d}/ });
  await salonctlHere(['backup', backup], { socket });
  await daemon.stop();
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.same(lines[0], { salond: 'export', format: 2 });
  t.match(lines.at(-1), { in: 'end', lines: lines.length - 1, sha256: /^[0-9a-f]{64}$/ });
  t.equal(lines.filter((line) => line['in'] === 'messages').length, 301);
  t.match(
    lines.find((line) => line['in'] === 'messages'),
    { room: 1, id: 1, author: Number, time: Number, message: String },
  );

  const data = join(folder, 'data');
  t.match(await salonctl(t, ['--json', 'import', file, '--data', data]), { status: 0, out: /"messages":301/ });
  t.match(await salonctl(t, ['export', again, '--from', backup]), { status: 0 });
  t.equal(readFileSync(again, 'utf8'), readFileSync(file, 'utf8'), 'an export of the backup is the same');
  t.match(await salonctlHere(['import', file, '--data', data]), { status: 65, err: /is there already/ });
  t.same(await contents(t, data), await contents(t, daemon.data));

  const text = readFileSync(file, 'utf8');
  const wrong: Readonly<Record<string, string>> = {
    empty: '',
    'not an export': '{"in":"users"}\n',
    'another format': text.replace('"format":2', '"format":3'),
    'not JSON': text.replace('"in":"users"', 'in'),
    'a user left out': text.replace(/^.*"in":"users".*\n/m, ''),
    'a message left out': text.replace(/^.*"in":"messages".*"id":2,.*\n/m, ''),
    'an unknown table': text.replace('"in":"bans"', '"in":"hats"'),
  };
  for (const [what, lineText] of Object.entries(wrong)) {
    const path = join(folder, 'wrong.jsonl');
    writeFileSync(path, lineText);
    t.match(
      await salonctlHere(['import', path, '--data', join(folder, 'wrong')]),
      { status: 65, err: /^salonctl: [^\n]+\n$/ },
      what,
    );
    t.notOk(existsSync(join(folder, 'wrong/salond.db')), `${what}: nothing is left`);
  }
});
