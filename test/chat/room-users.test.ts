// The users in a room (src/chat/room-users.ts), held to a plain list for any course of coming and going.
import fc from 'fast-check';
import t from 'tap';
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
