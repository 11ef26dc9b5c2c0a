// Tests names that are older than the rules for new names (PROTOCOL.md §6): users log in by them, rooms are entered,
// named and listed by them. Also tests which refusal comes first if such a name is to be created.
import t from 'tap';
import { nameForms } from '../../src/text/names.js';
import { Passwords } from '../../src/accounts/passwords.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { Client } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

const password = 'down the rabbit hole';
const invisible = '\u3164';
const piled = `x${'\u0301'.repeat(7)}`;
const room = '#\uffa0';

t.test('users and rooms whose names could not be created now can still be used', async (t) => {
  const data = temporaryFolder(t);
  const store = await SqliteStore.open(data);
  const { directory } = store;
  const hash = await new Passwords({ logN: 10, r: 8, p: 1 }, 8).hash(password);
  for (const name of [invisible, piled])
    await directory.createUser({ ...nameForms(name), firstName: 'A', lastName: 'B', password: hash });
  await directory.openRoom(nameForms(room), (await directory.findUser(nameForms(invisible).key))?.id);
  await store.close();

  const daemon = hostDaemon(t, { data });
  const [one, other] = [await Client.connect(await daemon.port()), await Client.connect(await daemon.port())];
  for (const [client, username] of [
    [one, invisible],
    [other, piled],
  ] as const) {
    await client.ok({ command: 'authenticate_user', username, password });
    t.match(await client.ok({ command: 'join_chatroom', username, room }), { body: { room: room.normalize('NFC') } });
  }
  t.match(await other.say(piled, room, 'hello'), { code: 1 });
  t.match(await one.ok({ command: 'list_users', room }), {
    body: { users: [{ username: piled.normalize('NFC') }, { username: invisible }] },
  });
  t.match(await one.ok({ command: 'list_chatrooms', after: '\u1160' }), { code: 1 });
  t.match(await one.ok('list_chatrooms'), { body: { rooms: [{ name: room }] } });
  t.match(await one.ok({ command: 'chatroom_history', room }), { body: { count: 1 } });
  t.match(await one.ok({ command: 'leave_chatroom', username: invisible, room }), { code: 1 });
  const operator = await Client.connect(await daemon.control());
  for (const user of [invisible, piled]) {
    await operator.ok({ command: 'disable_account', user });
    await operator.ok({ command: 'enable_account', user });
    await operator.ok({ command: 'set_password', user, password });
  }
  await operator.ok({ command: 'own_room', room, user: piled });
  t.match(
    await operator.request({
      command: 'create_account',
      username: `a${invisible}`,
      first_name: 'A',
      last_name: 'B',
      password,
    }),
    { code: 7, body: { field: 'username', error: 'username must not contain the invisible character U+3164' } },
  );
  t.match(
    await operator.request({ command: 'create_account', username: piled, first_name: 'A', last_name: 'B', password }),
    { code: 7, body: { field: 'username' } },
  );
});

t.test('a name that can not be created is answered 7 before any refusal by session or server', async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_REGISTRATION: 'closed' } });
  const guest = await Client.connect(await daemon.port());
  const newUser = { command: 'create_user', first_name: 'A', last_name: 'B', password };
  t.match(
    await guest.request({ ...newUser, username: invisible }),
    { code: 7, body: { field: 'username' } },
    '7 comes before 12',
  );
  t.match(
    await guest.request({ ...newUser, username: invisible, first_name: '', ref: [] }),
    { code: 7, body: { field: 'username' } },
    'parameters are checked in the order of the table',
  );
  t.match(
    await guest.request({ command: 'create_user', username: invisible }),
    { code: 3, body: { field: 'first_name' } },
    '7 comes after 3',
  );
  t.match(await guest.request({ ...newUser, username: 'alice' }), { code: 12 });
  t.match(
    await guest.request({ command: 'authenticate_user', username: invisible, password }),
    { code: 4 },
    'a login by such a name is allowed, and there is no such user',
  );
  t.match(
    await guest.request({ command: 'join_chatroom', username: invisible, room }),
    { code: 8 },
    'the rule for new rooms is checked only when the room does not exist',
  );
});

t.test('every join of a room that can not be created is refused, and a join after them creates its room', async (t) => {
  const daemon = hostDaemon(t);
  const client = await (await Client.connect(await daemon.port())).enter('alice');
  const other = await (await Client.connect(await daemon.port())).enter('bob');
  for (const each of [client, other]) {
    const username = each === client ? 'alice' : 'bob';
    each.send(...Array.from({ length: 20 }, () => ({ command: 'join_chatroom', username, room: `y${piled}` })), {
      command: 'join_chatroom',
      username,
      room: 'attic',
    });
  }
  for (const each of [client, other]) {
    for (let count = 0; count < 20; count += 1)
      t.match(await each.reply(), { code: 7, body: { field: 'room', error: /four marks/ } });
    t.match(await each.reply(), { code: 1, body: { room: 'attic' } });
  }
});
