// The users in a room (src/chat/room-users.ts), held to a plain list for any course of coming and going.
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { EncodedNames, type EncodedPiece } from '../../src/chat/encoded-names.js';
import { RoomUsers, type ChatUser } from '../../src/chat/room-users.js';
import { compareKeys } from '../../src/text/names.js';
import { encodeList } from '../../src/wire/encode.js';

/** Names of different lengths, some of which JSON escapes and some of which have more bytes than characters. */
const user = (id: number): ChatUser => {
  const name = `${['u', 'é', '東', '𝒳', '"', '\\"'][id % 6] ?? ''}${'x'.repeat((id * 7) % 23)}${id}`;
  return { id, name, key: name.toLowerCase() };
};

/** The plain way: sessions of each user, in the order in which users entered. */
class Plain {
  readonly users = new Map<number, number>();

  enter(id: number): void {
    this.users.set(id, (this.users.get(id) ?? 0) + 1);
  }

  leave(id: number): void {
    const left = (this.users.get(id) ?? 1) - 1;
    if (left > 0) this.users.set(id, left);
    else this.users.delete(id);
  }

  get names(): string[] {
    return Array.from(this.users.keys(), (id) => user(id).name);
  }
}

/** Many users come, many go, few come again: around the size from which a room keeps lists, and far beyond. */
const wave = fc.record({
  come: fc.boolean(),
  from: fc.nat(300),
  step: fc.integer({ min: 1, max: 5 }),
  count: fc.nat(150),
});

t.test('lists are those of a plain list, cut at the same name', async (t) => {
  fc.assert(
    fc.property(fc.array(wave, { maxLength: 8 }), fc.nat(300), fc.nat(40), fc.nat(6000), (waves, after, limit, pad) => {
      const [users, plain] = [new RoomUsers(), new Plain()];
      for (const { come, from, step, count } of waves) {
        for (let each = 0; each < count; each += 1) {
          const id = (from + each * step) % 300;
          if (come) users.enter(user(id));
          else users.leave(id);
          if (come) plain.enter(id);
          else plain.leave(id);
        }
        // Made before the next wave, so that what is kept has to follow it.
        const results = { pad: 'x'.repeat(26_000 + pad) };
        t.equal(
          encodeList('join_chatroom', 'é', results, { name: 'users', items: users.names() }),
          encodeList('join_chatroom', 'é', results, { name: 'users', items: plain.names }),
        );
      }
      const key = user(after).key;
      const expected = Array.from(plain.users.keys(), user)
        .filter((each) => compareKeys(each.key, key) > 0)
        .sort((one, other) => compareKeys(one.key, other.key));
      t.same(users.after(key, limit), expected.slice(0, limit));
      t.same([users.size, [...users.names()]], [plain.users.size, plain.names]);
      t.same(
        [...users.inOrder()].map(({ name }) => name),
        plain.names,
      );
    }),
    { numRuns: 60 },
  );
});

t.test('a list is what it was when it was made', async (t) => {
  const users = new RoomUsers();
  for (let id = 0; id < 100; id += 1) users.enter(user(id));
  const names = users.names();
  users.leave(3);
  users.enter(user(200));
  t.same(
    [...names],
    Array.from({ length: 100 }, (_, id) => user(id).name),
  );
});

t.test('a join into a room of thousands encodes one name', async (t) => {
  const users = new RoomUsers();
  for (let id = 0; id < 3000; id += 1) users.enter(user(id));
  users.names().upTo(32_768);
  const { stringify } = JSON;
  let encoded = 0;
  JSON.stringify = (value: unknown): string => {
    encoded += 1;
    return stringify(value);
  };
  try {
    for (let id = 3000; id < 3100; id += 1) {
      users.enter(user(id));
      users.leave(id - 1000);
      users.names().upTo(32_768);
    }
  } finally {
    JSON.stringify = stringify;
  }
  t.equal(encoded, 100);
});

t.test('a list that is cut has the names that fit, each with a comma', async (t) => {
  const piece = (...names: readonly string[]): EncodedPiece => {
    const text = names.map((name) => JSON.stringify(name)).join();
    return { text, bytes: Buffer.byteLength(text) + 1 };
  };
  const names = new EncodedNames([piece('a', 'é'), piece(''), piece('b')]);
  const cut = (most: number): readonly [string, boolean] => {
    const { items, isAll } = names.upTo(most);
    return [items, isAll];
  };
  for (const [from, to, items] of [
    [0, 3, ''],
    [4, 8, '"a"'],
    [9, 11, '"a","é"'],
    [12, 15, '"a","é",""'],
    [16, 17, '"a","é","","b"'],
  ] as const)
    for (let most = from; most <= to; most += 1) t.same(cut(most), [items, most >= 16], `in ${most} bytes`);
  t.equal(names.upTo(9), names.upTo(9), 'made once');
  t.same([...names], ['a', 'é', '', 'b']);
  const empties = new EncodedNames([piece('', '')]);
  t.same(
    [0, 1, 2, 3, 5, 6].map((most) => empties.upTo(most).items),
    ['', '', '', '""', '""', '"",""'],
  );
  let made = 0;
  const line = (key: string): string => String(names.lineOf(key, () => `${key} ${(made += 1)}`));
  t.same([line('x'), line('x'), line('y'), line('x')], ['x 1', 'x 1', 'y 2', 'x 3']);
});

/** How often the function of that object is called. */
function callsOf(t: Test, object: object, name: string, act: () => void): number {
  const calls = t.capture(object as Record<string, () => void>, name, (object as Record<string, () => void>)[name]);
  act();
  const count = calls().length;
  calls.restore();
  return count;
}

t.test('a room keeps its lists from 64 users on, in pieces of 64 names', async (t) => {
  const users = new RoomUsers();
  const escaped = (): number => callsOf(t, JSON, 'stringify', () => users.names());
  for (let id = 0; id < 63; id += 1) users.enter(user(id));
  t.equal(escaped(), 63);
  users.enter(user(63));
  t.equal(escaped(), 0);
  for (let id = 64; id < 129; id += 1) users.enter(user(id));
  const counted = (): number => callsOf(t, Buffer, 'byteLength', () => users.names());
  t.equal(counted(), 0);
  for (const [gone, left] of [
    [0, 63],
    [63, 62],
    [64, 63],
    [127, 62],
    [128, 0],
  ] as const) {
    users.leave(gone);
    t.equal(counted(), left, `without ${gone}`);
    t.equal(counted(), 0);
  }
  t.equal(users.names().upTo(1e6).isAll, true);
  const pieces = (): number => callsOf(t, JSON, 'parse', () => [...users.names()]);
  t.equal(pieces(), 2);
  for (let id = 1; id < 63; id += 1) users.leave(id);
  t.equal(pieces(), 1, 'an empty piece is gone');
});

t.test('no more of the list is made than a line takes', async (t) => {
  const users = new RoomUsers();
  for (let id = 0; id < 1024; id += 1) users.enter({ id, name: 'x'.repeat(1020), key: String(id) });
  for (let id = 0; id < 1024; id += 64) users.leave(id);
  // A piece has 63 names of 1,023 bytes with their quotes and a comma.
  t.equal(
    callsOf(t, Buffer, 'byteLength', () => users.names()),
    63 * Math.ceil((EncodedNames.mostBytes + 1) / (63 * 1023)),
  );
});
