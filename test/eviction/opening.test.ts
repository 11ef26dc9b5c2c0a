// An operator changes a room while somebody opens it: what the store has read of the room may be older than the change.
import t from 'tap';
import { quiet, startHouse } from './house.js';

const join = { command: 'join_chatroom', username: 'mallory', room: 'lobby' };

t.test('a room that is closed, or given another owner, while somebody opens it is so for them too', async (t) => {
  const house = await startHouse(t);
  const alice = await house.enter('alice', 'lobby');
  const mallory = await house.enter('mallory');
  await alice.ok({ command: 'leave_chatroom', username: 'alice', room: 'lobby' });
  // What was read of the room, before the operator's command, comes after it.
  house.store.hold('room');
  mallory.send(join);
  await house.until(() => house.store.waiting.room === 1, 'the room is opened');
  const closed = house.operate('close_room', { room: 'lobby' });
  await quiet();
  house.store.release('room');
  t.match(await closed, { room: 'lobby' });
  // It may be in for a moment.
  if ((await mallory.reply()).code !== 12) t.match(await mallory.event(), { code: 106 });
  t.equal(house.services.rooms.get('lobby')?.count ?? 0, 0);
  await house.operate('open_room', { room: 'lobby' });

  house.store.hold('room');
  mallory.send(join);
  await house.until(() => house.store.waiting.room === 1, 'the room is opened');
  const owned = house.operate('own_room', { room: 'lobby', user: 'mallory' });
  await quiet();
  house.store.release('room');
  await owned;
  t.match(await mallory.reply(), { code: 1 });
  t.match(await mallory.ok({ command: 'list_users', room: 'lobby' }), {
    body: { users: [{ username: 'mallory', role: 'owner' }] },
  });
});
