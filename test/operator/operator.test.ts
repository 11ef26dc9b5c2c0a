// Tests the operators' commands (src/operator) over the real daemon's control socket.
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { operatorSpecs } from '../../src/wire/generated/operator-specs.js';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon, type RunningDaemon, type Teardown } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { protocol } from '../support/protocol.js';

t.jobs = 4;
const buffered = { buffered: true };

interface Bench<Started extends RunningDaemon> {
  readonly daemon: Started;
  readonly port: number;
  readonly operator: Client;
}

async function bench<Started extends RunningDaemon>(t: Teardown, daemon: Started): Promise<Bench<Started>> {
  const [port, operator] = [await daemon.port(), await Client.connect(await daemon.control())];
  t.teardown(() => operator.destroy());
  return { daemon, port, operator };
}

const begin = (
  t: Test,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<Bench<RunningDaemon>> => bench(t, hostDaemon(t, { env, args }));

/** As `begin`, with the daemon in a process of its own. */
const beginProcess = (t: Test, args: readonly string[] = []): Promise<Bench<Daemon>> =>
  bench(t, startDaemon(t, { args }));

t.test("only the daemon's user and group may use the socket, and a stop removes it", buffered, async (t) => {
  const { daemon, operator } = await beginProcess(t);
  const path = await daemon.control();
  t.equal(statSync(path).mode & 0o777, 0o660);
  t.match(await operator.request('help unban'), { code: 1, body: { about: 'unban', summary: 'End a ban.' } });
  t.same((await operator.ok('help')).body['commands'], Object.keys(operatorSpecs).sort());
  t.match(
    await operator.request('chatroom_message alice lobby hello'),
    { code: 6 },
    "clients' commands are unknown on this socket",
  );
  operator.send('quit', 'status');
  await operator.closed;
  t.equal(operator.lines.at(-1)?.body['command'], 'quit', 'requests after quit are not answered');
  await daemon.stop('SIGKILL');
  const again = startDaemon(t, { data: daemon.data });
  t.equal(await again.control(), path, 'the socket that a killed daemon left is replaced');
  await (await Client.connect(path)).ok('status');
  await again.stop();
  t.equal(statSync(path, { throwIfNoEntry: false }), undefined);
});

t.test('an operator can list sessions, send them a notice and end them', buffered, async (t) => {
  const { port, operator } = await begin(t);
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const guest = await Client.connect(port);
  await guest.ok('ping');
  const { body } = await operator.ok('list_sessions');
  t.match(body, {
    more: false,
    sessions: [
      { session: 1, username: 'alice', address: '127.0.0.1', encrypted: false, rooms: 1, seconds: Number },
      { session: 2, rooms: 0 },
    ],
  });
  t.match(await operator.request({ command: 'list_sessions', after: 1, limit: 1 }), {
    body: { sessions: [{ session: 2 }], more: false },
  });
  t.match(await operator.request('status'), {
    body: { sessions: 2, users: 1, rooms: 1, state: 'running', durability: 'full' },
  });
  t.match(await operator.request('announce The server restarts at noon.'), { body: { sessions: 2 } });
  for (const client of [alice, guest])
    t.match(await client.event(), { code: 190, body: { text: 'The server restarts at noon.' } });
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  await alice.event();
  t.match(await operator.request({ command: 'kick', target: 'Alice', reason: 'enough' }), {
    code: 1,
    body: { sessions: 1 },
  });
  await alice.closed;
  t.match(alice.lines.at(-1), { code: 199, body: { reason: 'enough', retry_after: undefined } });
  t.match(await bob.event(), { code: 102, body: { username: 'alice', reason: 'kicked' } });
  t.match(await operator.request('kick #2'), { code: 1, body: { sessions: 1 } });
  await guest.closed;
  t.match(await operator.request('kick 127.0.0.0/8'), { code: 1, body: { sessions: 1 } });
  t.match(await operator.request('kick alice'), { code: 11 });
});

t.test('an operator can create, disable, enable and delete a user and set its password', buffered, async (t) => {
  const { port, operator, daemon } = await begin(t, { SALOND_REGISTRATION: 'closed' });
  const create = {
    command: 'create_account',
    username: 'Alice',
    first_name: 'Alice',
    last_name: 'Liddell',
    password: 'rabbit-hole',
  };
  t.match(await operator.request(create), { code: 1, body: { username: 'Alice' } });
  t.match(await operator.request({ ...create, username: 'a1ice' }), { code: 4 });
  const login = async (password: string): Promise<{ readonly client: Client; readonly code: number }> => {
    const client = await Client.connect(port);
    return { client, code: (await client.request({ command: 'authenticate_user', username: 'alice', password })).code };
  };
  const first = await login('rabbit-hole');
  t.equal(first.code, 1);
  t.match(await operator.request({ command: 'set_password', user: 'alice', password: 'looking-glass' }), {
    body: { username: 'Alice', sessions: 1 },
  });
  await first.client.closed;
  t.equal((await login('rabbit-hole')).code, 4);
  t.equal((await login('looking-glass')).code, 1);
  t.match(await operator.request('disable_account alice'), { body: { username: 'Alice', sessions: 1 } });
  t.equal((await login('looking-glass')).code, 12);
  t.match(await operator.request('list_accounts'), {
    body: { accounts: [{ username: 'Alice', first_name: 'Alice', state: 'disabled', sessions: 0 }], more: false },
  });
  t.match(await operator.request('enable_account alice'), { code: 1 });
  t.equal((await login('looking-glass')).code, 1);
  t.match(await operator.request('delete_account alice'), { body: { sessions: 1 } });
  t.equal((await login('looking-glass')).code, 4);
  t.equal((await login('')).code, 7);
  t.match(await operator.request(create), { code: 4 }, 'the name is never given again');
  for (const request of ['enable_account alice', 'disable_account nobody', 'delete_account alice'])
    t.match(await operator.request(request), { code: 11 });
  t.match(await operator.request('list_accounts'), { body: { accounts: { length: 0 }, more: false } });
  await daemon.stop();
  t.notMatch(JSON.stringify(daemon.log), /rabbit-hole|looking-glass/, 'no password is in the log');
  t.ok(
    daemon.log.some(({ event, command }) => event === 'operator_command' && command === 'delete_account'),
    "the operator's commands are in the log",
  );
});

t.test(
  'a banned user is disconnected and can not log in until the ban ends, also after a restart',
  buffered,
  async (t) => {
    const { port, operator, daemon } = await begin(t);
    const mallory = await (await Client.connect(port)).enter('mallory', 'lobby');
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    t.match(await operator.request({ command: 'ban', target: 'MALLORY', reason: 'spam' }), {
      body: { target: 'mallory', sessions: 1, until: undefined },
    });
    await mallory.closed;
    t.match(mallory.lines.at(-1), { code: 199, body: { reason: 'you are banned: spam' } });
    t.match(await alice.event(), { code: 102, body: { username: 'mallory', reason: 'banned' } });
    const login = async (where: number): Promise<number> =>
      (await (await Client.connect(where)).request('authenticate_user mallory mallory password')).code;
    t.equal(await login(port), 12);
    t.match(await operator.request({ command: 'ban', target: '127.0.0.9/30', duration: 3600, reason: 'noise' }), {
      body: { target: '127.0.0.8/30', until: String, sessions: 0 },
    });
    t.match(await operator.request('list_bans'), {
      body: { bans: [{ target: '127.0.0.8/30', reason: 'noise', until: String }, { target: 'mallory' }], more: false },
    });
    t.match(await operator.request('ban nobody'), { code: 11 });
    await daemon.stop();

    const again = hostDaemon(t, { data: daemon.data });
    const [newPort, other] = [await again.port(), await Client.connect(await again.control())];
    t.equal(await login(newPort), 12);
    const banned = await Client.connectFrom('127.0.0.10', newPort);
    await banned.closed;
    t.match(banned.lines, [{ code: 199, body: { reason: 'your address is banned: noise', retry_after: Number } }]);
    t.match(await other.request('unban 127.0.0.8/30'), { code: 1 });
    t.match(await other.request('unban mallory'), { code: 1 });
    t.match(await other.request('unban mallory'), { code: 11 });
    t.equal(await login(newPort), 1);
    await (await Client.connectFrom('127.0.0.10', newPort)).ok('ping');
  },
);

t.test('an operator can show a room, change its owner, close and open it', buffered, async (t) => {
  const { port, operator } = await begin(t);
  const alice = await (await Client.connect(port)).enter('alice', 'Lobby');
  const bob = await (await Client.connect(port)).enter('bob', 'Lobby');
  await alice.say('alice', 'lobby', 'hello');
  t.match(await operator.request('show_room lobby'), {
    body: { room: 'Lobby', state: 'open', owners: ['alice'], users: ['alice', 'bob'], count: 2 },
  });
  await bob.ok('list_blocked');
  t.match(await operator.request('own_room lobby bob'), { body: { room: 'Lobby', owner: 'bob' } });
  t.match((await bob.ok('list_users lobby')).body, {
    users: [
      { username: 'alice', role: 'member' },
      { username: 'bob', role: 'owner' },
    ],
  });
  t.match(
    bob.lines.filter(({ code }) => code === 108).map(({ body }) => body),
    [
      { username: 'bob', role: 'owner', by: 'the operator' },
      { username: 'alice', role: 'member', by: 'the operator' },
    ],
  );
  t.match(await operator.request({ command: 'close_room', room: 'lobby', reason: 'spring cleaning' }), {
    body: { room: 'Lobby', sessions: 2 },
  });
  for (const client of [alice, bob]) {
    t.match(await client.request('chatroom_history lobby'), { code: 10 });
    t.match(
      client.lines.filter(({ code }) => code === 106),
      [{ body: { room: 'Lobby', by: 'the operator', reason: 'spring cleaning' } }],
    );
    t.match(await client.request('join_chatroom x lobby'), { code: 9 });
  }
  t.match(await alice.request('join_chatroom alice lobby'), { code: 12 });
  t.match(await operator.request('show_room lobby'), { body: { state: 'closed', owners: ['bob'], count: 0 } });
  t.match(await operator.request('open_room lobby'), { code: 1 });
  t.match(await alice.request({ command: 'join_chatroom', username: 'alice', room: 'lobby', after: 0 }), {
    code: 1,
    body: { last: 1 },
  });
  t.match(await operator.request('list_rooms'), {
    body: { rooms: [{ room: 'Lobby', state: 'open', users: 1, topic: '' }], more: false },
  });
  for (const request of [
    'show_room attic',
    'own_room attic bob',
    'own_room lobby nobody',
    'close_room attic',
    'open_room attic',
  ]) {
    t.match(await operator.request(request), { code: 11 }, request);
  }
});

t.test(
  'a reload applies what can be applied, names the settings that need a restart, and applies nothing of a wrong file',
  buffered,
  async (t) => {
    const file = join(temporaryFolder(t), 'salond.toml');
    writeFileSync(file, 'greeting = "one"\n');
    const { port, operator, daemon } = await beginProcess(t, ['--config', file]);
    const greetingNow = async (): Promise<unknown> => (await (await Client.connect(port)).next()).body['text'];
    t.equal(await greetingNow(), 'one');
    writeFileSync(
      file,
      'greeting = "two"\nregistration = "closed"\nmax_line_bytes = 4096\nexempt_addresses = []\nmax_connections_per_address = 2\n',
    );
    t.match(await operator.request('reload'), {
      body: {
        applied: ['registration', 'greeting', 'exempt_addresses', 'max_connections_per_address'],
        restart: ['max_line_bytes'],
      },
    });
    const client = await Client.connect(port);
    t.match(await client.next(), { code: 190, body: { text: 'two' } });
    t.match(await client.request('create_user alice A B rabbit-hole'), { code: 12 });
    await t.rejects(async () => {
      for (let each = 0; each < 4; each += 1) await (await Client.connect(port)).ok('ping');
    }, 'an address may have two connections');
    writeFileSync(file, 'greeting = 3\nregistration = "open"\n');
    t.match(await operator.request('reload'), { code: 7, body: { error: /greeting/ } });
    t.match(await client.request('create_user alice A B rabbit-hole'), { code: 12 }, 'the settings are unchanged');
    writeFileSync(file, 'greeting = "three"\nregistration = "open"\n');
    daemon.process.kill('SIGHUP');
    while (daemon.log.filter(({ event }) => event === 'reloaded').length < 2)
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    t.match(await client.request('create_user alice A B rabbit-hole'), { code: 1 });
  },
);

t.test('set_log_level sets the level of the log until the next reload', buffered, async (t) => {
  const { port, operator, daemon } = await begin(t);
  t.match(await operator.request('set_log_level debug'), { body: { level: 'debug' } });
  await (await Client.connect(port)).ok('ping');
  await daemon.logged('session_opened');
  t.match(await operator.request('set_log_level loud'), { code: 7, body: { field: 'level' } });
  await operator.ok('reload');
  const before = daemon.log.length;
  await (await Client.connect(port)).ok('ping');
  await operator.ok('set_log_level debug');
  t.notOk(daemon.log.slice(before).some(({ event }) => event === 'session_opened'));
});

t.test(
  'a drain ends the sessions one after the other, each with a retry_after, and then stops the daemon',
  buffered,
  async (t) => {
    const { port, operator, daemon } = await beginProcess(t);
    const clients = await Promise.all(
      Array.from({ length: 20 }, async (_, each) => (await Client.connect(port)).enter(`user${each}`, 'lobby')),
    );
    t.match(await operator.request({ command: 'drain', over: 4 }), { body: { sessions: 20, over: 4 } });
    const ends: number[] = [];
    const started = performance.now();
    for (const { closed } of clients) void closed.then(() => ends.push(performance.now() - started));
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    await t.rejects(Client.connect(port), { code: 'ECONNREFUSED' });
    const last = clients.at(-1);
    const reply = await last?.say('user19', 'lobby', 'still here');
    t.equal(reply?.code, 1, 'a session that is not ended yet is served');
    t.equal((await daemon.exited).code, 0);
    const middle = ((ends[0] ?? 0) + (ends.at(-1) ?? 0)) / 2;
    t.ok(
      ends.filter((end) => end < middle).length >= 5 && ends.filter((end) => end > middle).length >= 5,
      `they ended after ${ends.map(Math.round).join(', ')} ms`,
    );
    for (const client of clients)
      t.match(client.lines.at(-1), { code: 199, body: { reason: 'the server is about to stop', retry_after: Number } });
    const again = hostDaemon(t, { data: daemon.data });
    const reader = await (await Client.connect(await again.port())).enter('reader');
    reader.send({ command: 'join_chatroom', username: 'reader', room: 'lobby', after: 0 });
    t.equal((await reader.reply()).body['last'], 1, 'the answered message is stored');
  },
);

t.test('an operator looks after a room by the rules of its owners, and above them', buffered, async (t) => {
  const { port, operator } = await begin(t);
  const [alice, bob] = [await Client.connect(port), await Client.connect(port)];
  await alice.enter('alice', 'lobby');
  await bob.enter('bob');
  await alice.ok('set_chatroom lobby');
  await bob.ok({ command: 'join_chatroom', username: 'bob', room: 'lobby', password: 'none' });
  t.match((await operator.ok({ command: 'set_room', room: 'lobby', moderated: true })).body, { moderated: true });
  t.equal((await bob.say('bob', 'lobby', 'hello')).code, 12);
  t.equal((await operator.request('set_room_role lobby alice member')).code, 12, 'the last owner stays one');
  t.equal((await operator.request('ban_from_room lobby alice')).code, 12);
  await operator.ok('set_room_role lobby bob moderator');
  t.equal((await bob.say('bob', 'lobby', 'hello')).code, 1);
  t.match((await operator.ok('show_room lobby')).body, { owners: ['alice'], moderators: ['bob'], muted: [] });
  t.match((await operator.ok('delete_message lobby 1')).body, { room: 'lobby', id: 1, changed: true });
  t.match(alice.lines.at(-1), { code: 105, body: { room: 'lobby', id: 1, username: 'the operator' } });
  t.match((await operator.ok('delete_message lobby 1')).body, { changed: false });
  t.equal((await operator.request('delete_message lobby 2')).code, 11);
  await operator.ok('ban_from_room lobby bob');
  t.match(bob.lines.at(-1), { code: 106, body: { by: 'the operator' } });
  t.match((await operator.ok('list_room_bans lobby')).body, { bans: [{ username: 'bob', by: 'the operator' }] });
  t.equal((await bob.request('join_chatroom bob lobby')).code, 12);
  await operator.ok('unban_from_room lobby bob');
  t.equal((await operator.request('unban_from_room lobby bob')).code, 11);
  await bob.ok('join_chatroom bob lobby');
  await operator.ok('kick_from_room lobby bob');
  t.match(bob.lines.at(-1), { code: 106, body: { by: 'the operator' } });
  t.equal((await operator.request('kick_from_room lobby bob')).code, 11);
  t.match((await alice.ok('list_members lobby')).body['users'], [{ username: 'alice' }], 'it is no member any more');
  await operator.ok('set_room_password lobby open sesame');
  t.equal((await bob.request('join_chatroom bob lobby')).code, 12);
  t.match((await operator.ok({ command: 'set_room', room: 'lobby', without_password: true })).body, {
    password: false,
  });
  t.match((await operator.ok('delete_room lobby')).body, { room: 'lobby', sessions: 1 });
  t.equal((await operator.request('set_room lobby')).code, 11);
  t.match((await operator.ok('show_room lobby')).body, { state: 'deleted' });
  t.equal((await bob.request('join_chatroom bob lobby')).code, 12);
  await operator.ok('open_room lobby');
  t.match((await bob.ok('join_chatroom bob lobby')).body, { last: 1, role: 'member' });
});

t.test('a room whose last owner is deleted gets another one', buffered, async (t) => {
  const { port, operator } = await begin(t);
  const [alice, bob, carol] = [await Client.connect(port), await Client.connect(port), await Client.connect(port)];
  await alice.enter('alice', 'lobby', 'attic', 'cellar');
  await bob.enter('bob', 'lobby', 'attic');
  await carol.enter('carol', 'lobby');
  await alice.ok('set_role lobby carol moderator');
  await bob.ok('set_topic attic x').catch(() => undefined);
  await carol.ok('list_bans lobby');
  await operator.ok('delete_account alice');
  t.same((await operator.ok('show_room lobby')).body['owners'], ['carol'], 'its moderator of longest standing');
  t.same((await operator.ok('show_room attic')).body['owners'], ['bob'], 'its oldest member');
  t.same((await operator.ok('show_room cellar')).body['owners'], [], 'the operator decides');
  await operator.ok('own_room cellar bob');
  const told = carol.lines.filter(({ code }) => code === 108).map(({ body }) => body);
  t.match(told.at(-1), { room: 'lobby', username: 'carol', role: 'owner', by: 'the server' });
});

t.test('the reply to every command matches its spec, which the client checks', buffered, async (t) => {
  const { port, operator } = await begin(t);
  await (await Client.connect(port)).enter('alice', 'lobby');
  for (const { name } of protocol.operator.commands) {
    if (['drain', 'quit', 'back_up', 'follow', 'help'].includes(name)) continue;
    const values: Readonly<Record<string, string>> = {
      create_account: 'bob A B rabbit-hole',
      set_password: 'bob rabbit-hole',
      show_room: 'lobby',
      own_room: 'lobby alice',
      close_room: 'lobby',
      open_room: 'lobby',
      set_room: 'lobby',
      set_room_password: 'lobby open sesame',
      set_room_role: 'lobby alice owner',
      kick_from_room: 'lobby bob',
      ban_from_room: 'lobby bob',
      unban_from_room: 'lobby bob',
      list_room_bans: 'lobby',
      delete_room: 'lobby',
      delete_message: 'lobby 1',
      announce: 'hello',
      kick: 'alice',
      ban: '192.0.2.1',
      unban: '192.0.2.1',
      set_log_level: 'info',
      disable_account: 'alice',
      enable_account: 'alice',
      delete_account: 'bob',
      erase_account: 'bob',
      export_account: 'alice',
      list_tokens: 'alice',
      end_tokens: 'alice',
      delete_invitation: '7f2c91a0b3de',
    };
    const { code, body } = await operator.request(`${name} ${values[name] ?? ''}`.trimEnd());
    // The commands run in alphabetical order, so the target of some is gone already.
    t.ok(code === 1 || code === 11, `${name}: ${JSON.stringify(body)}`);
  }
});
