// An operator changes a room while somebody opens it: what the store has read of the room may be older than the change.
import t from 'tap';
import { startServer } from './test-server.js';

const join = { command: 'join_chatroom', username: 'mallory', room: 'lobby' };

t.test('a change of a room while somebody opens it holds for them: it is closed, or has another owner', async (t) => {
  const server = await startServer(t);
  const alice = await server.enter('alice', 'lobby');
  const mallory = await server.enter('mallory');
  await alice.ok({ command: 'leave_chatroom', username: 'alice', room: 'lobby' });
  // What was read of the room, before the operator's command, comes after it.
  server.store.hold('room');
  mallory.send(join);
  await server.until(() => server.store.waiting.room === 1, 'the room is opened');
  const closed = server.operate('close_room', { room: 'lobby' });
  await server.settled();
  server.store.release('room');
  t.match(await closed, { room: 'lobby' });
  // It may be in for a moment.
  if ((await mallory.reply()).code !== 12) t.match(await mallory.event(), { code: 106 });
  t.equal(server.services.rooms.get('lobby')?.count ?? 0, 0);
  await server.operate('open_room', { room: 'lobby' });

  server.store.hold('room');
  mallory.send(join);
  await server.until(() => server.store.waiting.room === 1, 'the room is opened');
  const owned = server.operate('own_room', { room: 'lobby', user: 'mallory' });
  await server.settled();
  server.store.release('room');
  await owned;
  t.match(await mallory.reply(), { code: 1 });
  t.match(await mallory.ok({ command: 'list_users', room: 'lobby' }), {
    body: { users: [{ username: 'mallory', role: 'owner' }] },
  });
});
