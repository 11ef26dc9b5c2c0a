// The suite's part on tokens: how many there may be, what ends with what, and when they were used.
import type { Test } from 'tap';
import type { NewToken, TokenRecord } from '../../src/store/tokens.js';
import { Bench, type Kind } from './contract-bench.js';

/** A token of the user. Its keys are told apart by its id. */
function tokenOf(user: number, id: string, more: Partial<NewToken> = {}): NewToken {
  const keys = { storedKey: `stored ${id}`, serverKey: `server ${id}` };
  return { id, user, parent: undefined, ...keys, label: id, settings: '', created: 1000, expires: undefined, ...more };
}

/** Runs this part of the suite over stores of that kind. */
export async function tokenContract(t: Test, kind: Kind): Promise<void> {
  await t.test('a token is found with its user, as it was stored, and listed from the newest on', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const { tokens } = bench.store;
    const phone = tokenOf(alice.id, 'phone', { label: 'my "phone" \u2028', expires: 5000 });
    t.same(await tokens.add(phone, 9), { ...phone, lastUsed: undefined });
    await tokens.add(tokenOf(alice.id, 'tablet', { created: 1001 }), 9);
    await tokens.add(tokenOf(bob.id, 'laptop'), 9);
    const again = (await bench.reopened(kind)).store;
    t.same((await again.tokens.find('phone'))?.token, { ...phone, lastUsed: undefined });
    t.match((await again.tokens.find('phone'))?.user, await again.directory.findUser('alice'));
    t.equal(await again.tokens.find('watch'), undefined);
    t.same(
      (await again.tokens.list(alice.id)).map(({ id }) => id),
      ['tablet', 'phone'],
    );
    t.match(await again.tokens.list(bob.id), [{ id: 'laptop', label: 'laptop', created: 1000 }]);
  });

  await t.test('a user has as many as it may have, however many ask at once', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const { tokens, directory } = bench.store;
    const ids = ['a', 'b', 'c', 'd'];
    const added = await Promise.all(ids.map((id) => tokens.add(tokenOf(alice.id, id), 3)));
    t.match(added, [{ id: 'a' }, { id: 'b' }, { id: 'c' }, 'full']);
    t.match(await tokens.add(tokenOf(bob.id, 'e'), 3), { id: 'e' }, 'others do not count');
    t.same(await tokens.remove(alice.id, 'b'), ['b']);
    t.match(await tokens.add(tokenOf(alice.id, 'd'), 3), { id: 'd' });
    t.equal(await tokens.add(tokenOf(4711, 'f'), 3), 'gone');
    await directory.changeUser(bob.id, { state: 'deleted' });
    t.equal(await tokens.add(tokenOf(bob.id, 'f'), 3), 'gone', 'a deleted user gets none');
    t.same(await tokens.list(bob.id), [], 'and has none');
    t.equal(await tokens.find('e'), undefined);
  });

  await t.test('a token ends with the one in whose session it was made, and expires no later', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const { tokens } = bench.store;
    await tokens.add(tokenOf(alice.id, 'a', { expires: 5000 }), 9);
    const children = [
      tokenOf(alice.id, 'aa', { parent: 'a' }),
      tokenOf(alice.id, 'ab', { parent: 'a', expires: 4000 }),
      tokenOf(alice.id, 'aaa', { parent: 'aa', expires: 6000 }),
    ];
    t.match(await Promise.all(children.map((each) => tokens.add(each, 9))), [
      { expires: 5000 },
      { expires: 4000 },
      { expires: 5000 },
    ]);
    await tokens.add(tokenOf(alice.id, 'b'), 9);
    t.equal(await tokens.add(tokenOf(alice.id, 'c', { parent: 'none' }), 9), 'gone');
    t.equal(await tokens.add(tokenOf(bob.id, 'c', { parent: 'a' }), 9), 'gone', "another user's is no parent");
    t.same(await tokens.remove(bob.id, 'a'), [], "another user's is not there");
    t.same(await tokens.remove(alice.id, 'ab'), ['ab']);
    t.same([...(await tokens.remove(alice.id, 'a'))].sort(), ['a', 'aa', 'aaa']);
    t.same(await tokens.remove(alice.id, 'a'), []);
    const again = (await bench.reopened(kind)).store;
    t.match(await again.tokens.list(alice.id), [{ id: 'b' }]);
  });

  await t.test('a change of a user ends its tokens as it says, and nothing else does', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const { tokens, directory } = bench.store;
    const ids = async (user: number): Promise<readonly string[]> => (await tokens.list(user)).map(({ id }) => id);
    for (const id of ['a', 'b', 'c']) await tokens.add(tokenOf(alice.id, id), 9);
    await tokens.add(tokenOf(bob.id, 'd'), 9);
    await directory.changeUser(alice.id, { state: 'disabled' });
    await directory.changeUser(alice.id, { password: Buffer.from('new') });
    const { version = 0 } = (await directory.findUser('alice')) ?? {};
    t.equal(await directory.changeUser(alice.id, { firstName: 'x', endTokens: {} }, version - 1), 'stale');
    t.same(await ids(alice.id), ['a', 'b', 'c']);
    t.equal(await directory.changeUser(alice.id, { endTokens: { except: 'b' } }), 'changed');
    t.same(await ids(alice.id), ['b']);
    t.notOk('endTokens' in ((await directory.findUser('alice')) ?? {}));
    t.equal(await directory.changeUser(alice.id, { endTokens: {} }), 'changed');
    t.same([await ids(alice.id), await ids(bob.id)], [[], ['d']]);
    t.same(await tokens.removeAll(bob.id), ['d']);
    t.same(await tokens.removeAll(bob.id), []);
  });

  await t.test('those that have expired are removed, some at a time', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const { tokens } = bench.store;
    for (const [id, user, expires] of [
      ['a', alice, 3000],
      ['b', bob, 2000],
      ['c', alice, 4000],
      ['d', alice, undefined],
      ['e', alice, 3001],
    ] as const)
      await tokens.add(tokenOf(user.id, id, { expires }), 9);
    t.same(await tokens.removeExpired(1999, 9), []);
    t.same(await tokens.removeExpired(3500, 1), [{ id: 'b', user: 'bob' }]);
    t.same([...(await tokens.removeExpired(3500, 9))].map(({ id }) => id).sort(), ['a', 'e']);
    const again = (await bench.reopened(kind)).store;
    t.same((await again.tokens.list(alice.id)).map(({ id }) => id).sort(), ['c', 'd']);
  });

  await t.test('when a token was used is stored, unless it has ended meanwhile', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const { tokens } = bench.store;
    const used: TokenRecord[] = [];
    for (const id of ['a', 'b', 'c']) {
      const added = await tokens.add(tokenOf(alice.id, id), 9);
      if (typeof added !== 'string') used.push({ ...added, lastUsed: 7000 });
    }
    await tokens.remove(alice.id, 'b');
    await tokens.markUsed(used.slice(0, 2));
    const again = (await bench.reopened(kind)).store;
    t.match(
      [await again.tokens.find('a'), await again.tokens.find('b'), await again.tokens.find('c')],
      [{ token: { lastUsed: 7000 } }, undefined, { token: { lastUsed: undefined } }],
    );
  });
}
