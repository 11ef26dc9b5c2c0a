// Crowds and the grace over the wire: what clients of both editions read while others reconnect (PROTOCOL.md §4.2).
import t from 'tap';
import { Passwords } from '../../src/accounts/passwords.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { nameForms } from '../../src/text/names.js';
import { Client } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

const password = 'down the rabbit hole';
const room = 'lobby';

/** A folder with the users u0, u1 and so on. */
async function folderOf(t: Parameters<typeof temporaryFolder>[0], users: number): Promise<string> {
  const data = temporaryFolder(t);
  const store = await SqliteStore.open(data);
  const hash = await new Passwords({ logN: 10, r: 8, p: 1 }, 8).hash(password);
  const all = Array.from({ length: users }, (_, at) => ({ ...nameForms(`u${at}`), firstName: 'A', lastName: 'B' }));
  await Promise.all(all.map((each) => store.directory.createUser({ ...each, password: hash })));
  await store.close();
  return data;
}

/** Logs in, and joins the room. */
async function enter(port: number, username: string, edition: 1 | 2): Promise<Client> {
  const client = await Client.connect(port);
  await client.ok({ command: 'authenticate_user', username, password });
  // What the second edition has makes a session of it, whatever the answer.
  if (edition === 2) t.match(await client.request({ command: 'set_topic', room, topic: 'none' }), { code: 10 });
  await client.ok({ command: 'join_chatroom', username, room });
  return client;
}

const eventsOf = ({ lines }: Client, after = 0): readonly number[] =>
  lines.flatMap(({ code }, at) => (at >= after && code >= 100 ? [code] : []));

t.test('a crowd of the second edition that reconnects costs lines in proportion to its members', async (t) => {
  const size = 40;
  const daemon = hostDaemon(t, { data: await folderOf(t, size), env: { SALOND_PRESENCE_LIMIT: '10' } });
  const port = await daemon.port();
  const names = Array.from({ length: size }, (_, at) => `u${at}`);
  const all = await Promise.all(names.map((name) => enter(port, name, 2)));
  // More than the limit stay, so that nobody is told a name.
  const [stay, leave] = [all.slice(0, 15), all.slice(15)];
  for (const client of stay) await client.ok('ping');
  const before = stay.map(({ lines }) => lines.length);
  for (const client of leave) client.socket.destroy();
  const again = await Promise.all(names.slice(15).map((name) => enter(port, name, 2)));
  for (const client of [...stay, ...again]) await client.ok('ping');
  const events = [...stay, ...again].flatMap((client, at) => eventsOf(client, before[at]));
  const [first] = stay;
  // It may come within a second.
  if (first !== undefined && eventsOf(first, before[0]).length === 0) events.push((await first.event()).code);
  t.same([...new Set(events)], [107]);
});

t.test('who is back within the grace has never left, and a kick is told at once', async (t) => {
  const daemon = hostDaemon(t, { data: await folderOf(t, 4), env: { SALOND_PRESENCE_GRACE_SECONDS: '3600' } });
  const port = await daemon.port();
  const [alice, bob, carol] = [await enter(port, 'u0', 1), await enter(port, 'u1', 1), await enter(port, 'u2', 1)];
  bob.socket.destroy();
  await bob.closed;
  const operator = await Client.connect(await daemon.control());
  // The daemon has noticed it once the session is gone.
  const untilSessions = async (count: number): Promise<void> => {
    for (;;) {
      const { body } = await operator.ok({ command: 'list_sessions' });
      if ((body['sessions'] as readonly unknown[]).length === count) return;
    }
  };
  await untilSessions(2);
  t.match(await alice.ok({ command: 'list_users', room }), {
    body: { users: [{ username: 'u0' }, { username: 'u1' }, { username: 'u2' }] },
  });
  await operator.ok({ command: 'set_room', room, max_users: 3 });
  const other = await Client.connect(port);
  await other.ok({ command: 'authenticate_user', username: 'u3', password });
  t.match(await other.request({ command: 'join_chatroom', username: 'u3', room }), {
    code: 12,
    body: { error: 'the room is full' },
  });
  const back = await enter(port, 'u1', 1);
  await back.say('u1', room, 'back');
  t.match(await alice.event(), { code: 100, body: { username: 'u1', message: 'back' } }, 'nothing was said of it');
  back.socket.destroy();
  await back.closed;
  await untilSessions(3);
  t.match(
    await operator.ok({ command: 'kick', target: 'u1' }),
    { body: { sessions: 0, places: 1 } },
    'its place in the room is all that it has',
  );
  t.match(await alice.event(), { code: 102, body: { username: 'u1', reason: 'kicked' } });
  t.match(await operator.request({ command: 'kick', target: 'u1' }), { code: 11 });
  await carol.ok('quit');
  t.match(await alice.event(), { code: 102, body: { username: 'u2', reason: 'disconnected' } }, 'a goodbye');
});

for (const edition of [1, 2] as const)
  t.test(`after a restart those who were in the room come back quietly (edition ${edition})`, async (t) => {
    const data = await folderOf(t, 6);
    const env = { SALOND_PRESENCE_GRACE_SECONDS: '3600' };
    const first = hostDaemon(t, { data, env });
    const before = await first.port();
    // The first is the room's owner.
    const owner = await enter(before, 'u0', 2);
    for (const name of ['u1', 'u2', 'u4']) await enter(before, name, edition);
    await (await enter(before, 'u3', edition)).ok({ command: 'leave_chatroom', username: 'u3', room });
    await owner.ok({ command: 'kick_user', room, user: 'u4' });
    await first.stop();
    const second = hostDaemon(t, { data, env });
    const port = await second.port();
    const observer = await enter(port, 'u0', edition);
    const back = await enter(port, 'u1', edition);
    const gone = await enter(port, 'u2', edition);
    for (const name of ['u3', 'u4', 'u5']) {
      await enter(port, name, edition);
      t.match(
        await observer.event(),
        { code: 101, body: { username: name } },
        'who left, was kicked or is new is told',
      );
    }
    await back.say('u1', room, 'back');
    t.match(await observer.event(), { code: 101, body: { username: 'u1' } }, 'before its first message');
    t.match(await observer.event(), { code: 100, body: { username: 'u1' } });
    await gone.ok({ command: 'leave_chatroom', username: 'u2', room });
    t.match(await observer.event(), { code: 101, body: { username: 'u2' } }, 'before it is said to leave');
    t.match(await observer.event(), { code: 102, body: { username: 'u2', reason: 'left' } });
  });
