// One Room for a room, whoever asks when: two would be two audiences. And its record is as new as the store's.
import t from 'tap';
import { Member } from '../../src/chat/member.js';
import type { ChatUser } from '../../src/chat/presence.js';
import { Room } from '../../src/chat/room.js';
import { Rooms, type RoomStore } from '../../src/chat/rooms.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import type { RoomRecord } from '../../src/store/directory.js';
import type { TakeTurn } from '../../src/store/store.js';
import type { Name } from '../../src/text/names.js';

const named = (name: string): Name => ({ name, key: name, skeletons: [name, name] });
const silent = { event: () => undefined, reply: () => undefined };
const alice: ChatUser = { id: 0, name: 'alice', key: 'alice' };

function newStore(): MemoryStore {
  const store = new MemoryStore();
  store.log.listen({ committed: () => undefined, failed: () => undefined, broken: () => undefined });
  return store;
}

/** The store, but for the opening of rooms. */
function opening(store: MemoryStore, openRoom: RoomStore['directory']['openRoom']): RoomStore {
  return { log: store.log, directory: { openRoom, watch: (listener) => store.directory.watch(listener) } };
}

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

t.test('whoever asks while a room is being opened, however late, gets the same one', async (t) => {
  const store = newStore();
  for (let ticks = 0; ticks < 15; ticks += 1) {
    const name = named(`room-${ticks}`);
    let late: Promise<unknown> | undefined;
    let loads = 0;
    const rooms: Rooms = new Rooms(
      opening(store, (asked, creator) => {
        loads += 1;
        const opened = store.directory.openRoom(asked, creator);
        void opened.then(async () => {
          for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
          late ??= rooms.open(name, alice.id);
        });
        return opened;
      }),
    );
    const first = await rooms.open(name, alice.id);
    await turn();
    t.equal(await late, first, `${ticks} ticks late`);
    t.equal(loads, 1);
    t.equal(rooms.get(name.key), first);
    t.ok(first instanceof Room && rooms.ofLog(first.log.id) === first);
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

t.test('a room stays as long as somebody is in it or about to enter it, and its log is followed as long', async (t) => {
  const store = newStore();
  const unfollowed: number[] = [];
  const rooms = new Rooms({
    directory: store.directory,
    log: { follow: (log) => store.log.follow(log), unfollow: ({ id }) => void unfollowed.push(id) },
  });
  const room = await rooms.open(named('lobby'), alice.id);
  if (!(room instanceof Room)) return t.fail(room);
  const member = new Member(room, alice, silent);
  room.enter(member);
  rooms.release(room);
  t.equal(rooms.get('lobby'), room, 'somebody is in it');

  await rooms.open(named('lobby'), alice.id);
  rooms.exits.leave(member, 'left');
  t.equal(rooms.get('lobby'), room, 'somebody is about to enter it');
  t.same(unfollowed, []);
  rooms.release(room);
  t.equal(rooms.get('lobby'), undefined);
  t.equal(rooms.ofLog(room.log.id), undefined);
  t.same(unfollowed, [room.log.id]);
});

t.test(
  'a room is read at the turn of the join that asks, and a join that waits for a commit holds no turn',
  async (t) => {
    const store = newStore();
    let commit = (): void => undefined;
    const rooms = new Rooms(
      opening(store, async (name, creator) => {
        if (creator !== undefined)
          await new Promise<void>((resolve) => {
            commit = resolve;
          });
        return store.directory.openRoom(name, creator);
      }),
    );
    const turns: (() => Promise<void>)[] = [];
    const inTurn: TakeTurn = (read) =>
      new Promise((resolve, reject) => {
        turns.push(() => read().then(resolve, reject));
      });
    const late = rooms.open(named('lobby'), undefined, { inTurn });
    t.equal(turns.length, 1);
    const made = rooms.open(named('lobby'), alice.id, { inTurn });
    const sharing = rooms.open(named('lobby'), undefined, { inTurn });
    await turns[0]?.();
    t.pass('its turn ends although the room is not made yet');
    commit();
    const room = await made;
    t.ok(room instanceof Room);
    t.same(await Promise.all([late, sharing, rooms.open(named('lobby'), undefined, { inTurn })]), [room, room, room]);
    t.equal(turns.length, 1, 'who finds the room open, or being opened, reads nothing');
    const missing = rooms.open(named('attic'), undefined, { inTurn });
    await turns[1]?.();
    t.equal(await missing, 'missing');
  },
);

t.test('a store that fails leaves nothing behind', async (t) => {
  const store = newStore();
  let fails = true;
  const rooms = new Rooms(
    opening(store, (name, creator) =>
      fails ? Promise.reject(new Error('disk full')) : store.directory.openRoom(name, creator),
    ),
  );
  await t.rejects(rooms.open(named('lobby'), alice.id));
  fails = false;
  t.ok((await rooms.open(named('lobby'), alice.id)) instanceof Room);
});

t.test('what is known of a room is what the store has, also where it changed while the room was opened', async (t) => {
  const store = newStore();
  const made = await store.directory.openRoom(named('lobby'), alice.id);
  if (typeof made === 'string') return t.fail(made);
  let isRead = (): void => undefined;
  const read = new Promise<void>((resolve) => {
    isRead = resolve;
  });
  let goOn = (): void => undefined;
  const rooms = new Rooms(
    opening(store, async (name, creator) => {
      const record = await store.directory.openRoom(name, creator);
      isRead();
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return record;
    }),
  );
  const opened = rooms.open(named('lobby'), undefined);
  await read;
  t.equal(await store.directory.changeRoom(made.id, { state: 'closed' }), 'changed');
  goOn();
  const room = await opened;
  if (!(room instanceof Room)) return t.fail(room);
  t.same([room.record.state, room.record.version], ['closed', 2]);

  t.equal(await store.directory.changeRoom(made.id, { state: 'open', owner: 7 }, 2), 'changed');
  t.equal(room.record.state, 'open');
  t.same([room.roleOf(alice.id), room.roleOf(7)], ['member', 'owner']);
  room.changed(made);
  t.equal(room.record.version, 3, 'an older record changes nothing');
});

t.test(
  'a deleted room that members are still leaving is there for who may make it again, and nobody else',
  async (t) => {
    const store = newStore();
    const answers: RoomRecord[] = [];
    const rooms: Rooms = new Rooms(
      opening(store, (name, creator) => {
        const [next] = answers;
        return next === undefined ? store.directory.openRoom(name, creator) : Promise.resolve(next);
      }),
    );
    const room = await rooms.open(named('lobby'), alice.id);
    if (!(room instanceof Room)) return t.fail(room);
    const { record } = room;
    rooms.roomChanged({ ...record, version: record.version + 1, state: 'deleted' });
    t.equal(await rooms.open(named('lobby'), undefined), 'missing');
    answers.push({ ...record, version: record.version + 2, topic: 'again' });
    t.equal(await rooms.open(named('lobby'), alice.id), room, 'the Room that is here');
    t.match(room.record, { state: 'open', topic: 'again' }, 'as it is made anew');
    t.equal(await rooms.open(named('lobby'), undefined), room);
    t.equal(rooms.changes, 1);
    for (let each = 0; each < 2; each += 1) rooms.release(room);
    t.equal(rooms.size, 1, 'a third one is about to enter');
    rooms.release(room);
    t.equal(rooms.size, 0, 'who was told that it is missing keeps it no longer');
  },
);
