// The suite's part on keys: a message sent with a key is stored once (PROTOCOL.md §5.3).
import type { Test } from 'tap';
import { Bench, Line, poison, turn, type Kind } from './contract.js';

export async function keyContract(t: Test, kind: Kind): Promise<void> {
  await t.test('a key that a batch before used answers with the first message, or is a conflict', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    await bench.append(
      new Line(lobby, alice, 'before'),
      new Line(lobby, alice, 'hello', 'k'),
      new Line(lobby, alice, 'after'),
    );
    const again = new Line(lobby, alice, 'hello', 'k');
    const other = new Line(lobby, alice, 'Hello', 'k');
    await bench.append(again, other);
    t.match(again, { outcome: 'duplicate', id: 2, prev: 1 });
    t.match(other, { outcome: 'conflict', id: 2 });
    t.same([lobby.head, lobby.assigned], [3, 3], 'neither took an id');
    t.equal((await bench.store.readAfter(lobby, 0, 9, 9)).messages.length, 3, 'neither was stored');
  });

  await t.test('a key used twice in one batch is judged as in two, and takes no id', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const lines = [
      new Line(lobby, alice, 'hello', 'k'),
      new Line(lobby, alice, 'between'),
      new Line(lobby, alice, 'hello', 'k'),
      new Line(lobby, alice, 'other', 'k'),
      new Line(lobby, alice, 'hello', 'k'),
      new Line(lobby, alice, 'hello', 'l'),
    ];
    await bench.append(...lines);
    t.same(
      lines.map(({ fate }) => fate),
      ['stored 1', 'stored 2', 'duplicate 1', 'conflict 1', 'duplicate 1', 'stored 3'],
    );
    t.same(
      (await bench.store.readAfter(lobby, 0, 9, 9)).messages.map(({ message }) => message),
      ['hello', 'between', 'hello'],
    );
  });

  await t.test('a key that is on its way to disk is known to the batch behind it', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const lines = Array.from({ length: 8 }, (_, index) => new Line(lobby, alice, index === 5 ? 'other' : 'hello', 'k'));
    for (const line of lines) {
      bench.store.append(line);
      await turn();
    }
    await bench.recorder.tells(lines.at(-1) as Line);
    const fates = lines.map((_, index) => (index === 0 ? 'stored 1' : index === 5 ? 'conflict 1' : 'duplicate 1'));
    t.same(
      lines.map(({ fate }) => fate),
      fates,
    );
  });

  await t.test("another author's key, or the same one in another room, is another key", async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const bob = await bench.user('bob');
    const lobby = await bench.room('lobby', alice);
    const other = await bench.room('other', alice);
    const places = [lobby, other].flatMap((log) => [alice, bob].map((author) => ({ log, author })));
    const same = (): Line[] => places.map(({ log, author }) => new Line(log, author, `${log.key} ${author}`, 'k'));
    const first = same();
    await bench.append(...first);
    t.same(
      first.map(({ fate }) => fate),
      ['stored 1', 'stored 2', 'stored 1', 'stored 2'],
    );
    const second = same();
    await bench.append(...second);
    t.same(
      second.map(({ fate }) => fate),
      ['duplicate 1', 'duplicate 2', 'duplicate 1', 'duplicate 2'],
    );
  });

  await t.test('keys and texts compare byte for byte', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const keys = [
      'k',
      'K',
      ' k',
      'k ',
      'k\0',
      'k\0\0',
      '\0',
      '',
      '1',
      '01',
      '1.0',
      'null',
      'é',
      'e\u0301',
      '\u{1f600}',
      '"',
      '\\',
      "'",
      '\u2028',
    ];
    const first = keys.map((key) => new Line(lobby, alice, `text of ${key}`, key));
    await bench.append(...first);
    t.same(
      first.map(({ fate }) => fate),
      keys.map((_, index) => `stored ${index + 1}`),
    );
    const second = keys.map((key) => new Line(lobby, alice, `text of ${key}`, key));
    await bench.append(...second);
    t.same(
      second.map(({ fate }) => fate),
      keys.map((_, index) => `duplicate ${index + 1}`),
    );
    const pairs = [
      ['a', 'a\0'],
      ['a\0b', 'a\0c'],
      ['é', 'e\u0301'],
      ['1', '1.0'],
      ['', '\0'],
    ] as const;
    await bench.append(...pairs.map(([text], index) => new Line(lobby, alice, text, `pair ${index}`)));
    const others = pairs.map(([, text], index) => new Line(lobby, alice, text, `pair ${index}`));
    await bench.append(...others);
    t.same(
      others.map(({ outcome }) => outcome),
      pairs.map(() => 'conflict'),
    );
  });

  await t.test('a keyed message is found by room, author and key, and after the store was opened anew', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const bob = await bench.user('bob');
    const lobby = await bench.room('Lobby', alice);
    await bench.room('other', alice);
    await bench.append(new Line(lobby, alice, 'first'), new Line(lobby, alice, 'hello\0', 'k\0'));
    const again = await bench.reopened(kind);
    t.same(await again.store.findKeyed('lobby', alice, 'k\0'), { room: 'Lobby', id: 2, prev: 1, message: 'hello\0' });
    t.equal(await again.store.findKeyed('lobby', alice, 'k'), undefined);
    t.equal(await again.store.findKeyed('lobby', bob, 'k\0'), undefined);
    t.equal(await again.store.findKeyed('other', alice, 'k\0'), undefined);
    t.equal(await again.store.findKeyed('nowhere', alice, 'k\0'), undefined);
    const duplicate = new Line(await again.room('lobby', undefined), alice, 'hello\0', 'k\0');
    await again.append(duplicate);
    t.match(duplicate, { outcome: 'duplicate', id: 2, prev: 1 });
  });

  await t.test('a failed batch frees its keys', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    t.equal((await bench.append(new Line(lobby, alice, 'one', 'k'), new Line(lobby, alice, poison)))?.kind, 'failed');
    t.equal(await bench.store.findKeyed('lobby', alice, 'k'), undefined);
    const next = new Line(lobby, alice, 'another text', 'k');
    await bench.append(next);
    t.match(next, { outcome: 'stored', id: 1, prev: 0 });
  });
}
