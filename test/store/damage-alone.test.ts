// Damage in one row is the matter of whoever asks for that row. What others write in the same batch is stored, whatever
// the order in which it comes, and what is damaged stays as it is.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { StoreFailure, type RoomLog, type Store } from '../../src/store/store.js';
import { temporaryFolder } from '../support/daemon.js';
import { Bench, forms, Line, newUser } from './contract.js';

/**
 * A store with alice, two rooms of hers, and messages with keys in the lobby; `sql` is what becomes of it behind the
 * store's back.
 */
async function damaged(
  t: Test,
  sql: string,
): Promise<{ readonly bench: Bench; readonly alice: number; readonly lobby: RoomLog }> {
  const folder = temporaryFolder(t);
  const bench = new Bench(await SqliteStore.open<Line>(folder));
  t.teardown(() => bench.store.close());
  const alice = await bench.user('alice');
  const lobby = await bench.room('lobby', alice);
  await bench.room('attic', alice);
  await bench.append(new Line(lobby, alice, 'one', 'k1'), new Line(lobby, alice, 'two', 'k2'));
  const beside = await Database.open(join(folder, 'salond.db'));
  await beside.exec(sql);
  await beside.close();
  return { bench, alice, lobby };
}

const change = (store: Store<Line>, alice: number): Promise<unknown> =>
  store.changeUser(alice, { firstName: 'Alicia' });

const jobs: readonly (readonly [
  what: string,
  sql: string,
  job: (store: Store<Line>, alice: number, lobby: RoomLog) => Promise<unknown>,
])[] = [
  [
    'a room that is opened',
    "UPDATE rooms SET topic = 'x' WHERE key = 'attic'",
    (store, alice) => store.openRoom(forms('attic'), alice),
  ],
  [
    'a role of a room that is opened',
    "UPDATE roles SET role = 'x' WHERE room = (SELECT id FROM rooms WHERE key = 'attic')",
    (store, alice) => store.openRoom(forms('attic'), alice),
  ],
  [
    'the newest messages of a room that is opened',
    'UPDATE runs SET messages = \'[[1,"x"],[1,"y"]]\'',
    (store, alice) => store.openRoom(forms('lobby'), alice),
  ],
  [
    'a room that is closed',
    "UPDATE rooms SET topic = 'x' WHERE key = 'lobby'",
    (store, _, { id }) => store.setRoomState(id, 'closed'),
  ],
  ['a user who is changed', "UPDATE users SET last_name = 'x'", change],
];

for (const [what, sql, job] of jobs) {
  t.test(`${what}, with damage, fails alone`, async (t) => {
    const { bench, alice, lobby } = await damaged(t, sql);
    const { store } = bench;
    const line = new Line(lobby, alice, 'said beside it');
    const failed = job(store, alice, lobby).then(
      () => undefined,
      (error: unknown) => error,
    );
    const [bob, ban] = [
      store.createUser(newUser('bob')),
      store.setBan({ kind: 'user', target: 'mallory', reason: '', created: 1, until: undefined }),
    ];
    t.match(await bench.append(line), { kind: 'committed' });
    t.equal(line.fate, 'stored 3');
    const error = await failed;
    t.ok(error instanceof StoreFailure && error.message.includes('damaged'), String(error));
    t.type(await bob, 'number');
    await ban;
    t.match(await store.listBans(), [{ target: 'mallory' }]);
    t.equal(store.writing.failing, undefined, 'the disk is not to blame');
  });
}

t.test('what a job did before it failed is undone, and the jobs before and after it stand', async (t) => {
  // What gives a new room its owner fails when the room is there already.
  const { bench, alice } = await damaged(
    t,
    "CREATE TRIGGER no BEFORE INSERT ON roles BEGIN SELECT RAISE(ABORT, 'no'); END",
  );
  const { store } = bench;
  const [bob, den, carol] = await Promise.allSettled([
    store.createUser(newUser('bob')),
    store.openRoom(forms('den'), alice),
    store.createUser(newUser('carol')),
  ]);
  t.same([bob.status, den.status, carol.status], ['fulfilled', 'rejected', 'fulfilled']);
  t.equal(await store.findRoom('den'), undefined);
  t.ok(await store.findUser('carol'));
});

for (const [what, sql, spared] of [
  ['a key', "UPDATE keys SET id = 2 WHERE key = 'k1'", 'duplicate 2'],
  ['the message of a key', "UPDATE runs SET messages = replace(messages, 'one', 'uno')", 'failed 0'],
] as const) {
  t.test(`a message whose key can't be looked up, since ${what} is damaged, fails alone`, async (t) => {
    const { bench, alice, lobby } = await damaged(t, sql);
    const { store, recorder } = bench;
    const attic = await bench.room('attic', alice);
    const lines = [
      new Line(attic, alice, 'a', 'k1'),
      new Line(lobby, alice, 'one', 'k1'),
      new Line(lobby, alice, 'two', 'k2'),
      new Line(lobby, alice, 'three', 'k3'),
      new Line(lobby, alice, 'four'),
    ];
    t.match(await bench.append(...lines), { kind: 'committed', entries: lines }, 'told in their order');
    t.same(
      lines.map(({ fate }) => fate),
      ['stored 1', 'failed 0', spared, 'stored 3', 'stored 4'],
    );
    t.equal(lobby.head, 4);
    t.same(recorder.errors, []);
    t.equal(store.writing.failing, undefined);
  });
}

t.test('a room that is opened anew while a message to it is on its way has that message', async (t) => {
  const { bench, alice, lobby } = await damaged(t, 'SELECT 1');
  for (let round = 3; round < 30; round += 1) {
    // Nobody holds the room any more, as after somebody was put out.
    bench.store.append(new Line(lobby, alice, 'left behind'));
    const again = await bench.room('lobby', undefined);
    t.same([again.head, again.assigned], [round, round]);
    lobby.head = round;
    lobby.assigned = round;
  }
});
