// Tests membership in rooms over restarts, its limits, counts of unread messages, messages without joining, and
// registration by invitation. protocol/dialogues/membership.txt has the rest.
import t, { type Test } from 'tap';
import type { Post } from '../../src/chat/post.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { StoreFailure } from '../../src/store/store.js';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { hostDaemon, startInProcess } from '../support/in-process.js';
import { testSeed } from '../support/seed.js';
import { Random } from '../fuzz/random.js';

const join = (username: string, room: string): object => ({ command: 'join_chatroom', username, room });
const unexempt = { SALOND_EXEMPT_ADDRESSES: '192.0.2.1', SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '1000' };

async function start(t: Test, env: Readonly<Record<string, string>> = {}, data = temporaryFolder(t)) {
  const daemon = hostDaemon(t, { env, data });
  return { daemon, data, port: await daemon.port() };
}

t.test('rooms, marks and open invitations are there after a restart', async (t) => {
  const first = await start(t);
  const alice = await (await Client.connect(first.port)).enter('alice', 'attic', 'Cellar');
  await (await Client.connect(first.port)).enter('bob');
  await alice.say('alice', 'attic', 'one');
  await alice.ok({ command: 'invite_user', room: 'attic', user: 'bob' });
  await alice.ok({ command: 'mark_read', room: 'attic', id: 1 });
  await first.daemon.stop();
  const { port } = await start(t, {}, first.data);
  const [again, bob] = [await Client.connect(port), await (await Client.connect(port)).enter('bob')];
  await again.enter('alice');
  t.match(await again.ok('list_my_rooms'), {
    body: {
      rooms: [
        { name: 'attic', count: 0, last: 1, read: 1, unread: 0, role: 'owner' },
        { name: 'Cellar', count: 0, last: 0, read: 0, unread: 0, role: 'owner' },
      ],
      more: false,
    },
  });
  t.match(await again.ok({ command: 'list_my_rooms', limit: 1 }), { body: { rooms: [{ name: 'attic' }], more: true } });
  t.match(await again.ok({ command: 'list_my_rooms', after: 'ATTIC' }), { body: { rooms: [{ name: 'Cellar' }] } });
  await bob.ok(join('bob', 'attic'));
  t.match(await bob.ok({ command: 'list_members', room: 'attic' }), {
    body: {
      users: [
        { username: 'alice', present: false, invited: false },
        { username: 'bob', present: true, invited: false },
      ],
    },
  });
  for (const client of [again, bob]) client.destroy();
});

t.test('a user has as many rooms and open invitations as max_rooms_per_user says', async (t) => {
  const { port } = await start(t, { ...unexempt, SALOND_MAX_ROOMS_PER_USER: '2' });
  const owner = await (await Client.connect(port)).enter('owner', 'one', 'two');
  const other = await (await Client.connect(port)).enter('other', 'three');
  const bob = await (await Client.connect(port)).enter('bob', 'one', 'two');
  const refused = { code: 12, body: { error: 'you have joined as many rooms as you may, 2: leave one first' } };
  t.match(await bob.request(join('bob', 'three')), refused);
  t.match(await bob.request(join('bob', 'new')), refused);
  t.match((await bob.ok('list_chatrooms')).body['rooms'], [{ name: 'one' }, { name: 'three' }, { name: 'two' }]);
  const phone = await Client.connect(port);
  await phone.ok('authenticate_user bob bob password');
  t.equal((await phone.request(join('bob', 'one'))).code, 1, 'a room that was joined may be joined again');
  await bob.ok('leave_chatroom bob one');
  t.match(await bob.request(join('bob', 'three')), refused, 'the phone is in the room still');
  await phone.ok('leave_chatroom bob one');
  t.equal((await bob.request(join('bob', 'three'))).code, 1);
  const dave = await (await Client.connect(port)).enter('dave');
  for (const room of ['one', 'two']) await owner.ok({ command: 'invite_user', room, user: 'dave' });
  await other.ok({ command: 'invite_user', room: 'three', user: 'dave' });
  const invitedTo = async (by: Client, room: string): Promise<boolean> =>
    JSON.stringify((await by.ok(`list_members ${room}`)).body['users']).includes('dave');
  t.same(
    [await invitedTo(owner, 'one'), await invitedTo(owner, 'two'), await invitedTo(other, 'three')],
    [false, true, true],
    'the oldest of whoever has invited most often gives way',
  );
  await dave.ok('block_user owner');
  t.same([await invitedTo(owner, 'two'), await invitedTo(other, 'three')], [false, true]);
  for (const client of [owner, other, bob, phone, dave]) client.destroy();
});

t.test('a message to a room that nobody is in is judged by the room as it is by then', async (t) => {
  const store = new MemoryStore<Post>();
  const { memberships, directory } = store;
  const { daemon, port } = await startInProcess(temporaryFolder(t), async () => store);
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const bob = await (await Client.connect(port)).enter('bob', 'other');
  await alice.ok('leave_chatroom alice lobby');
  const lobby = (await directory.findRoom('lobby'))?.id ?? -1;
  const find = memberships.find.bind(memberships);
  const post = { command: 'post_message', room: 'lobby', message: 'hello' };
  t.equal((await bob.request(post)).code, 1);
  memberships.find = async (...args) => {
    memberships.find = find;
    await directory.changeRoom(lobby, { settings: { moderated: true } });
    return find(...args);
  };
  t.equal((await bob.request(post)).code, 12);
  for (const client of [alice, bob]) client.destroy();
  await daemon.stop('end of the test');
});

t.test('a membership that is being written when its user is blocked, kicked or banned is none', async (t) => {
  const store = new MemoryStore<Post>();
  const { memberships } = store;
  const change = memberships.change.bind(memberships);
  let begun: () => void = () => undefined;
  let meanwhile = Promise.resolve();
  memberships.change = async (...args) => {
    if (args[0].kind !== 'end') {
      begun();
      await meanwhile;
    }
    return change(...args);
  };
  const { daemon, port } = await startInProcess(temporaryFolder(t), async () => store);
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const bob = await (await Client.connect(port)).enter('bob', 'other');
  const members = async (): Promise<readonly unknown[]> =>
    ((await alice.ok('list_members lobby')).body['users'] as { username: string }[]).map(({ username }) => username);
  /** Answers a request of `one` that writes a membership. Before it is written, `other` is answered 1. */
  const during = async (one: Client, request: object, other: Client, act: string): Promise<number> => {
    let done: () => void = () => undefined;
    meanwhile = new Promise((resolve) => (done = resolve));
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const asked = one.request(request);
    await isBegun;
    await other.ok(act);
    done();
    return (await asked).code;
  };
  const invite = { command: 'invite_user', room: 'lobby', user: 'bob' };
  t.equal(await during(alice, invite, bob, 'block_user alice'), 12);
  t.equal(bob.lines.filter(({ code }) => code === 104).length, 0, 'nothing comes once the block is answered');
  t.same(await members(), ['alice']);
  await bob.ok('unblock_user alice');
  const alsoAlice = await Client.connect(port);
  await alsoAlice.enter('alice', 'lobby');
  t.equal(await during(alice, invite, alsoAlice, 'ban_user lobby bob'), 12);
  await alice.ok('unban_user lobby bob');
  await alice.ok(invite);
  t.equal(await during(bob, join('bob', 'lobby'), alice, 'kick_user lobby bob'), 12, 'also where it was invited');
  t.same(await members(), ['alice']);
  const follow = store.log.follow.bind(store.log);
  store.log.follow = () => Promise.reject(new StoreFailure('the disk fails'));
  t.equal((await alice.request(invite)).code, 2);
  t.same(await members(), ['alice'], 'of what failed nothing is done');
  store.log.follow = follow;
  for (const act of ['kick_user lobby bob', 'ban_user lobby bob']) {
    t.equal(await during(bob, join('bob', 'lobby'), alice, act), 12, act);
    t.same(await members(), ['alice'], act);
    t.match((await bob.ok('list_my_rooms')).body['rooms'], [{ name: 'other' }], act);
  }
  t.equal((await alice.request(invite)).code, 12, 'who is banned is not invited');
  await daemon.stop('test');
});

t.test('a join that fails makes nobody a member', async (t) => {
  const store = new MemoryStore<Post>();
  const { daemon, port } = await startInProcess(temporaryFolder(t), async () => store);
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const [bob, phone] = [await (await Client.connect(port)).enter('bob'), await Client.connect(port)];
  await phone.ok('authenticate_user bob bob password');
  const said = { command: 'chatroom_message', username: 'alice', room: 'lobby', message: 'hi' };
  alice.send(...new Array<object>(300).fill(said));
  for (let left = 300; left > 0; left -= 1) await alice.reply();
  const members = async (): Promise<readonly unknown[]> =>
    ((await alice.ok('list_members lobby')).body['users'] as { username: string }[]).map(({ username }) => username);
  let meanwhile = async (): Promise<unknown> => undefined;
  store.log.readAfter = async () => {
    await meanwhile();
    throw new StoreFailure('the disk fails');
  };
  const replayed = (newest: number): object => ({ ...join('bob', 'lobby'), newest });
  t.equal((await bob.request(replayed(300))).code, 2, 'before it has entered');
  t.same(await members(), ['alice']);
  t.equal((await bob.request(replayed(1))).code, 2, 'when it has entered');
  t.same(await members(), ['alice']);
  t.match((await bob.ok('list_my_rooms')).body['rooms'], []);
  for (const newest of [300, 1]) {
    meanwhile = async () => phone.ok(join('bob', 'lobby'));
    t.equal((await bob.request(replayed(newest))).code, 2);
    t.same(await members(), ['alice', 'bob'], 'another session of the user has joined meanwhile');
    await phone.ok('leave_chatroom bob lobby');
  }
  t.same(await members(), ['alice']);
  await daemon.stop('test');
});

t.test('unread messages are counted one by one up to a thousand after the mark, and by their ids beyond', async (t) => {
  const { port } = await start(t, { SALOND_MESSAGES_PER_SECOND: '100000' });
  const [alice, bob] = [
    await (await Client.connect(port)).enter('alice', 'lobby'),
    await (await Client.connect(port)).enter('bob', 'lobby'),
  ];
  const unread = async (): Promise<unknown> => {
    const { body } = await bob.ok('list_my_rooms');
    return (body['rooms'] as readonly { readonly unread: number }[])[0]?.unread;
  };
  const say = async (client: Client, username: string, count: number): Promise<void> => {
    client.send(...Array.from({ length: count }, () => `chatroom_message ${username} lobby hi`));
    for (let each = 0; each < count; each += 1) await client.reply();
  };
  await say(alice, 'alice', 600);
  await say(bob, 'bob', 300);
  await say(alice, 'alice', 99);
  t.equal(await unread(), 699);
  await say(bob, 'bob', 2);
  t.equal(await unread(), 700, 'the message 1,001 counts as it is numbered');
  await bob.ok('mark_read lobby 600');
  t.equal(await unread(), 99);
  await bob.ok('mark_read lobby 1001');
  t.equal(await unread(), 0);
  for (const client of [alice, bob]) client.destroy();
});

t.test('a message without joining is stored in a room that nobody is in, in the order of all', async (t) => {
  const { daemon, port } = await start(t);
  const owner = await (await Client.connect(port)).enter('owner', 'lobby');
  const cron = await (await Client.connect(port)).enter('cron');
  await owner.ok('leave_chatroom owner lobby');
  cron.send(
    ...Array.from({ length: 50 }, (_, at) => ({ command: 'post_message', room: 'LOBBY', message: `${at}`, ref: at })),
  );
  for (let at = 0; at < 50; at += 1)
    t.match(await cron.reply(), { code: 1, body: { ref: at, room: 'lobby', id: at + 1, prev: at } });
  t.match(await owner.ok({ ...join('owner', 'lobby'), after: 48 }), { body: { last: 50 } });
  t.match(await cron.request('leave_chatroom cron lobby'), { code: 10 }, 'it has joined nothing');
  t.match(await cron.ok('list_my_rooms'), { body: { rooms: [] } });
  const operator = await Client.connect(await daemon.control());
  await operator.ok('close_room lobby');
  t.match(await cron.request('post_message lobby hello'), { code: 12, body: { error: 'the room is closed' } });
  for (const client of [owner, cron, operator]) client.destroy();
});

t.test('an invitation to register is good for as many users as it says, and a taken name uses none up', async (t) => {
  const { daemon, port } = await start(t, { SALOND_REGISTRATION: 'invited' });
  const [guest, operator] = [await Client.connect(port), await Client.connect(await daemon.control())];
  const register = (username: string, invitation?: unknown) =>
    guest.request({
      command: 'create_user',
      username,
      first_name: 'A',
      last_name: 'B',
      password: 'rabbit hole',
      invitation,
    });
  const refused = { code: 12, body: { error: 'registration is by invitation: ask the operator for one' } };
  t.match(await register('alice'), refused);
  t.match(await register('alice', 'a'.repeat(32)), refused);
  t.match(await register('alice', 'no!'), { code: 7, body: { field: 'invitation' } });
  const { invitation, invitation_id: id } = (await operator.ok('create_invitation 2')).body;
  t.match(await register('alice', invitation), { code: 1 });
  t.match(await register('alice', invitation), { code: 4 });
  t.match(await operator.ok('list_invitations'), {
    body: { invitations: [{ invitation_id: id, uses: 2, used: 1 }], more: false },
  });
  t.match(await register('bob', invitation), { code: 1 });
  t.match(await register('carol', invitation), refused);
  t.equal(JSON.stringify((await operator.ok('list_invitations')).body).includes(String(invitation)), false);
  const other = (await operator.ok({ command: 'create_invitation', expires: 3600 })).body;
  await operator.ok(`delete_invitation ${String(other['invitation_id'])}`);
  t.match(await register('carol', other['invitation']), refused);
  t.match(await operator.request('delete_invitation 000000000000'), { code: 11 });
  for (const client of [guest, operator]) client.destroy();
});

t.test('what was answered is there after kill -9', async (t) => {
  const killed = startDaemon(t, { env: { SALOND_REGISTRATION: 'invited' } });
  const [port, operator] = [await killed.port(), await Client.connect(await killed.control())];
  for (const name of ['alice', 'bob']) await operator.ok(`create_account ${name} A B ${name} password`);
  const alice = await (await Client.connect(port)).enter('alice', 'lobby', 'attic');
  await alice.say('alice', 'lobby', 'one');
  await alice.ok('leave_chatroom alice attic');
  await alice.ok({ command: 'invite_user', room: 'lobby', user: 'bob' });
  const { invitation } = (await operator.ok('create_invitation')).body;
  await alice.ok({
    command: 'create_user',
    username: 'carol',
    first_name: 'A',
    last_name: 'B',
    password: 'carol password',
    invitation,
  });
  await alice.ok('mark_read lobby 1');
  await killed.stop('SIGKILL');
  const again = await start(t, { SALOND_REGISTRATION: 'invited' }, killed.data);
  const [back, bob] = [await Client.connect(again.port), await Client.connect(again.port)];
  await back.ok('authenticate_user alice alice password');
  t.match((await back.ok('list_my_rooms')).body['rooms'], [{ name: 'lobby', read: 1, unread: 0 }]);
  await back.ok(join('alice', 'lobby'));
  t.match((await back.ok('list_members lobby')).body['users'], [
    { username: 'alice' },
    { username: 'bob', invited: true },
  ]);
  await bob.ok('authenticate_user carol carol password');
  t.match((await (await Client.connect(await again.daemon.control())).ok('list_invitations')).body['invitations'], [
    { uses: 1, used: 1 },
  ]);
  for (const client of [back, bob]) client.destroy();
});

t.test(
  'whatever sessions of a user join and leave at once, it is a member where one of them is in the room',
  async (t) => {
    const { port } = await start(t);
    const random = new Random(testSeed(t));
    const sessions = await Promise.all([1, 2, 3].map(async () => (await Client.connect(port)).enter('alice')));
    const asking = await (await Client.connect(port)).enter('alice');
    for (let round = 0; round < 40; round += 1) {
      await Promise.all(
        sessions.map(async (session) => {
          const requests = Array.from({ length: random.below(4) }, () =>
            random.below(2) === 0
              ? join('alice', 'lobby')
              : { command: 'leave_chatroom', username: 'alice', room: 'lobby' },
          );
          session.send(...requests);
          for (const _ of requests) await session.reply();
        }),
      );
      const { body } = await asking.ok('list_my_rooms');
      const { body: all } = await asking.ok('list_chatrooms');
      const [mine, rooms] = [body['rooms'] as readonly object[], all['rooms'] as readonly { readonly count: number }[]];
      const isPresent = (rooms[0]?.count ?? 0) > 0;
      if (mine.length !== (isPresent ? 1 : 0)) t.fail(`round ${round}: present ${isPresent}, ${mine.length} rooms`);
    }
    for (const client of [...sessions, asking]) client.destroy();
  },
);
