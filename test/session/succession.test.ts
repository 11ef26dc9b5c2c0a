// Tests what the deletion of a user or of a room leaves to do: rooms get new owners, texts go, and what can't be done
// now is done later (src/session/{delete-user,succession,delete-room}.ts).
import type { EventLine } from '../../src/wire/encode-event.js';
import { defaultFormat } from '../../src/wire/format.js';
import t from 'tap';
import type { Member } from '../../src/chat/member.js';
import type { Room } from '../../src/chat/room.js';
import { emptyDeletedRoom } from '../../src/session/delete-room.js';
import { deleteUser, finishErasures, type DeletionServices } from '../../src/session/delete-user.js';
import { isRemovable } from '../../src/session/removable.js';
import { handRoomsOver, type SuccessionServices } from '../../src/session/succession.js';
import { finishUnfinished } from '../../src/session/unfinished.js';
import type { Changed, RoomRecord, UserRecord } from '../../src/store/directory.js';
import { atOnce } from '../../src/store/store.js';
import { say, verbatim } from '../../src/wire/words.js';
import { newRoom } from '../support/room.js';
import { inEnglish, worded } from '../support/sentences.js';

const user = { id: 1, key: 'alice' } as UserRecord;

/** A room whose roles are these. */
function roomWith(id: number, ...roles: readonly (readonly [number, 'owner' | 'moderator'])[]): RoomRecord {
  return { ...newRoom(`room-${id}`, id).record, version: id * 10, roles: new Map(roles) };
}

interface Stage {
  readonly services: SuccessionServices;
  /** The pages of rooms that were read: after which room, and how many. */
  readonly pages: (readonly [number, number])[];
  /** The rooms that were changed: id, heir and version. */
  readonly changes: (readonly [number, number | undefined, number | undefined])[];
  /** What the rooms were told. */
  readonly told: string[];
  readonly rooms: Map<number, RoomRecord>;
  /** What the next changes answer. */
  readonly outcomes: Changed[];
  /** The records that the rooms in use have behind the change. */
  readonly open: Map<number, RoomRecord>;
  names: ReadonlyMap<number, string>;
}

function stage(...records: readonly RoomRecord[]): Stage {
  const rooms = new Map(records.map((record) => [record.id, record]));
  const set: Stage = {
    pages: [],
    changes: [],
    told: [],
    outcomes: [],
    rooms,
    open: new Map(),
    names: new Map([[2, 'Bob']]),
    services: {
      inTurn: atOnce,
      memberships: { oldest: async (room, without) => (without === user.id ? room + 100 : undefined) },
      rooms: {
        ofLog: (id) => {
          const record = set.open.get(id);
          return (
            record &&
            ({
              record,
              name: record.name,
              tell: (line: EventLine) => set.told.push(line.encode(defaultFormat)),
            } as never)
          );
        },
      },
      store: {
        directory: {
          roomsNaming: async (_user, after, most) => {
            set.pages.push([after, most]);
            return [...rooms.values()].filter(({ id }) => id > after).slice(0, most);
          },
          findRoom: async (key) => [...rooms.values()].find((room) => room.key === key),
          changeRoom: async (id, { deleted }, version) => {
            set.changes.push([id, deleted?.heir, version]);
            return set.outcomes.shift() ?? 'changed';
          },
          namesOf: async () => set.names,
        },
      },
    },
  };
  return set;
}

t.test('all rooms of a user are handed over, a hundred at a time', async (t) => {
  for (const [count, pages] of [
    [0, [[-1, 100]]],
    [99, [[-1, 100]]],
    [
      100,
      [
        [-1, 100],
        [99, 100],
      ],
    ],
    [
      101,
      [
        [-1, 100],
        [99, 100],
      ],
    ],
  ] as const) {
    const set = stage(...Array.from({ length: count }, (_, id) => roomWith(id, [1, 'owner'])));
    await handRoomsOver(user.id, set.services);
    t.same([set.changes.length, set.pages], [count, pages], `${count} rooms`);
  }
});

t.test('a room whose record or heir changed meanwhile is tried again, and one that is gone is not', async (t) => {
  const set = stage(roomWith(5, [1, 'owner']), roomWith(6, [2, 'owner']), roomWith(7, [1, 'moderator']));
  set.outcomes.push('stale', 'nobody', 'changed', 'gone');
  await handRoomsOver(user.id, set.services);
  t.same(set.changes, [
    [5, 105, 50],
    [5, 105, 50],
    [5, 105, 50],
    [7, 107, 70],
  ]);
  t.same(set.told, [], 'nobody is in them');
});

t.test('those in a room are told of the owner that it has got, where it has got one', async (t) => {
  const line = (id: number): string =>
    `108\t${JSON.stringify({ room: `room-${id}`, username: 'Bob', role: 'owner', by: 'the server' })}\n`;
  const set = stage(
    roomWith(1, [1, 'owner']),
    roomWith(2, [1, 'owner'], [2, 'owner']),
    roomWith(3, [1, 'owner']),
    roomWith(4, [1, 'owner'], [2, 'moderator']),
    roomWith(5, [1, 'owner']),
  );
  for (const id of [1, 2, 4, 5]) set.open.set(id, roomWith(id, [2, 'owner']));
  set.open.set(3, roomWith(3));
  set.outcomes.push('changed', 'changed', 'changed', 'changed', 'gone');
  await handRoomsOver(user.id, set.services);
  t.same(set.told, [line(1), line(4)], 'not where it had that owner before, has none, or was not changed');
  set.told.length = 0;
  set.names = new Map();
  set.rooms.clear();
  set.rooms.set(1, roomWith(1, [1, 'owner']));
  await handRoomsOver(user.id, set.services);
  t.same(set.told, [], 'the heir was deleted meanwhile');
});

/** Services that note what is done, in order. */
function deletion(isDeleted = true, rows = 0): { readonly services: DeletionServices; readonly done: unknown[] } {
  const done: unknown[] = [];
  const { services } = stage(roomWith(4, [1, 'owner']));
  const { changeRoom } = services.store.directory;
  const note =
    <Result>(what: string, result?: Result) =>
    async (...words: readonly unknown[]): Promise<Result> => {
      done.push([what, ...words]);
      return result as Result;
    };
  return {
    done,
    services: {
      ...services,
      accounts: { delete: note('delete', isDeleted) },
      lastSeen: { forget: (id: number) => void done.push(['forget', id]) },
      evictions: { user: note('evict', { sessions: 3, places: 0, isAny: true }) },
      deletions: {
        finish: async (work: () => Promise<void>) => {
          await work();
          return rows < 1000;
        },
      },
      bans: { remove: note('unban') },
      store: {
        directory: {
          ...services.store.directory,
          changeRoom: (...words: Parameters<typeof changeRoom>) => {
            done.push(['hand over', words[0]]);
            return changeRoom(...words);
          },
        },
        erasures: {
          eraseTexts: note('erase', { rows, logs: rows === 0 ? [] : [7, 8] }),
          overwritten: note('overwrite'),
          keepInList: note('list'),
        },
      },
      log: { warn: (...words: readonly unknown[]) => void done.push(['warn', ...words]) },
    } as never,
  };
}

const eviction = { reason: verbatim('your account was deleted'), because: 'server' } as const;

t.test('a deletion ends sessions, hands rooms over, and erases where that is asked for', async (t) => {
  const plain = deletion();
  t.same(await deleteUser(user, { erases: false, eviction }, plain.services), { sessions: 3 });
  const ends = [
    ['forget', 1],
    ['evict', 'alice', eviction, undefined],
    ['forget', 1],
    ['hand over', 4],
  ];
  t.same(plain.done, [['delete', user, false, undefined], ...ends, ['overwrite']]);

  const erasing = deletion();
  const became: string[] = [];
  const session = { becomeGuest: async (reason: string) => void became.push(reason) } as never;
  t.same(await deleteUser(user, { erases: true, eviction, session }, erasing.services), { sessions: 3 });
  t.same(erasing.done, [
    ['delete', user, true, undefined],
    ['forget', 1],
    ['evict', 'alice', eviction, session],
    ['forget', 1],
    ['hand over', 4],
    ['unban', { kind: 'user', target: 'alice' }],
    ['erase', 1],
    ['overwrite'],
  ]);
  t.same(became, ['left']);

  const late = deletion(false);
  t.equal(await deleteUser(user, { erases: true, eviction }, late.services), undefined);
  t.same(late.done, [['delete', user, true, undefined]]);
});

t.test('whoever deletes is told what is left, and the log which rows are damaged', async (t) => {
  const one = deletion(true, 1);
  await deleteUser(user, { erases: true, eviction }, one.services);
  t.match(one.done.at(-2), ['warn', { rows: 1 }], 'of a single row too');
  const damaged = deletion(true, 2);
  const answer = await deleteUser(user, { erases: true, eviction }, damaged.services);
  t.match(worded(answer), { sessions: 3, left: /damaged/ });
  t.same(
    damaged.done.filter((each) => (each as readonly unknown[])[0] === 'warn'),
    [['warn', { rows: 2, rooms: '7 8' }, 'erasure_incomplete']],
  );
  const full = async (erases: boolean): Promise<string | undefined> =>
    inEnglish((await deleteUser(user, { erases, eviction }, deletion(true, 1000).services))?.left);
  t.match(await full(true), /texts and names .* may still be on the disk/);
  t.match(await full(false), /^the user is deleted, but names/);
});

t.test('what an earlier process has left is erased until nothing is', async (t) => {
  const { services, done } = deletion(true, 2);
  const left = [[5, 6], [7], []];
  const unfinished = async (): Promise<readonly number[]> => left.shift() ?? [];
  const erasures = Object.assign(services.store.erasures, { unfinished });
  await finishErasures({ store: { ...services.store, erasures }, log: services.log });
  const warn = ['warn', { rows: 2, rooms: '7 8' }, 'erasure_incomplete'];
  t.same(done, [
    ['list'],
    ...[['erase', 5], warn, ['erase', 6], warn, ['overwrite']],
    ...[['erase', 7], warn, ['overwrite']],
  ]);
});

t.test('a deleted room is emptied, and its messages erased until none is left', async (t) => {
  const done: unknown[] = [];
  const parts = [true, true, true, false];
  const cause = { name: 'cause' } as unknown as Member;
  const empty = (here: object | undefined, by?: Member): ReturnType<typeof emptyDeletedRoom> =>
    emptyDeletedRoom(
      { id: 9, key: 'lobby' },
      {
        store: {
          directory: {
            eraseMessages: async (...words) => {
              done.push(['erase', ...words]);
              return parts.shift() ?? false;
            },
          },
        },
        rooms: {
          opened: async (key) => (key === 'lobby' ? (here as Room) : undefined),
          exits: { leave: (...words) => Boolean(done.push(['leave', ...words])) },
        },
        evictions: {
          room: async (_room, includes, because) => {
            done.push(['evict', includes(cause), includes({ name: 'another' } as unknown as Member), because]);
            return 4;
          },
        },
        deletions: {
          finish: async (work) => {
            await work();
            return by !== undefined;
          },
        },
      },
      'Bob',
      undefined,
      by,
    );
  t.same(await empty({}, cause), { sessions: 4 });
  t.same(done.splice(0), [
    ['evict', false, true, { by: 'Bob', reason: say('reasons.room_deleted'), because: 'kicked' }],
    ['leave', cause, 'kicked'],
    ...Array.from({ length: 4 }, () => ['erase', 9, undefined]),
  ]);
  parts.push(false, false);
  t.match(worded(await empty(undefined)), { sessions: 0, left: /may still be on the disk/ });
  t.same(done, [
    ['erase', 9, undefined],
    ['erase', 9, undefined],
  ]);
});

t.test('a user can be put out of a room that it is in, about to enter, or a member of', async (t) => {
  const room = (here: number | undefined, ...entering: readonly number[]): unknown => ({
    hasUser: (id: number) => id === here,
    entering: new Set(entering.map((id) => ({ user: { id } }))),
  });
  const removable = (of: unknown, isMember: boolean): Promise<boolean> =>
    isRemovable(3, user, { ofLog: (id) => (id === 3 ? (of as Room) : undefined) }, { isMember: async () => isMember });
  t.equal(await removable(room(1), false), true);
  t.equal(await removable(room(undefined, 2, 1), false), true);
  t.equal(await removable(room(2, 2), false), false);
  t.equal(await removable(room(2, 2), true), true);
  t.same([await removable(undefined, false), await removable(undefined, true)], [false, true]);
});

t.test(
  'what an earlier process has left of rooms and users is done once, and again only with what is new',
  async (t) => {
    const set = stage(roomWith(4, [1, 'owner']));
    const left = [
      { rooms: [8], users: [] },
      { rooms: [8], users: [1] },
      { rooms: [8], users: [1] },
      { rooms: [9], users: [9] },
    ];
    const erased: unknown[] = [];
    const parts = [true, false];
    const directory = {
      ...set.services.store.directory,
      unfinished: async () => left.shift() ?? { rooms: [], users: [] },
      eraseMessages: async (...words: readonly unknown[]) => {
        erased.push(words);
        return parts.shift() ?? false;
      },
    };
    await finishUnfinished({ ...set.services, store: { directory } });
    t.same([left.length, set.changes], [1, [[4, 104, 40]]]);
    const words = [8, { payerClass: 'guest', payerAddress: '', payerUser: '' }];
    t.same(erased, [words, words, words]);
  },
);
