// One Room for a room, whoever asks when: two would be two audiences, and two counts of ids.
import t from 'tap';
import { Member, Room, type ChatUser } from '../../src/chat/room.js';
import { Rooms } from '../../src/chat/rooms.js';
import { MemoryStore } from '../../src/store/memory.js';
import type { Entry, Store } from '../../src/store/store.js';
import type { Name } from '../../src/text/names.js';

const named = (name: string): Name => ({ name, key: name, skeletons: [name, name] });
const silent = { event: () => undefined, reply: () => undefined };
const alice: ChatUser = { id: 0, name: 'alice', key: 'alice', json: '"alice"' };

function newStore(): Store<Entry> {
  const store = new MemoryStore<Entry>();
  store.listen({ committed: () => undefined, failed: () => undefined, broken: () => undefined });
  return store;
}

t.test('whoever asks while a room is being opened, however late, gets the same one', async (t) => {
  const store = newStore();
  for (let ticks = 0; ticks < 10; ticks += 1) {
    const name = named(`room-${ticks}`);
    let late: Promise<unknown> | undefined;
    let loads = 0;
    const rooms: Rooms = new Rooms({
      openRoom: (asked, creator) => {
        loads += 1;
        const opening = store.openRoom(asked, creator);
        void opening.then(async () => {
          for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
          late ??= rooms.open(name, alice.id);
        });
        return opening;
      },
    });
    const first = await rooms.open(name, alice.id);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    t.equal(await late, first, `${ticks} ticks late`);
    t.equal(loads, 1);
    t.equal(rooms.get(name.key), first);
  }
});

t.test('one who would make the room gets it, though one who would not asked first', async (t) => {
  const rooms = new Rooms(newStore());
  const [visitor, owner] = await Promise.all([
    rooms.open(named('lobby'), undefined),
    rooms.open(named('lobby'), alice.id),
  ]);
  t.equal(visitor, 'missing');
  t.ok(owner instanceof Room && owner.roleOf(alice.id) === 'owner');
});

t.test('a room stays as long as somebody is in it or about to enter it', async (t) => {
  const rooms = new Rooms(newStore());
  const room = await rooms.open(named('lobby'), alice.id);
  if (!(room instanceof Room)) return t.fail(room);
  const member = new Member(room, alice, silent);
  room.enter(member);
  rooms.release(room);
  t.equal(rooms.get('lobby'), room, 'somebody is in it');

  await rooms.open(named('lobby'), alice.id);
  rooms.leave(member, 'left');
  t.equal(rooms.get('lobby'), room, 'somebody is about to enter it');
  rooms.release(room);
  t.equal(rooms.get('lobby'), undefined);
});

t.test('a store that fails leaves nothing behind', async (t) => {
  const store = newStore();
  let fails = true;
  const rooms = new Rooms({
    openRoom: (name, creator) => (fails ? Promise.reject(new Error('disk full')) : store.openRoom(name, creator)),
  });
  await t.rejects(rooms.open(named('lobby'), alice.id));
  fails = false;
  t.ok((await rooms.open(named('lobby'), alice.id)) instanceof Room);
});
