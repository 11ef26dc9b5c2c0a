// Tests bans (src/accounts/bans.ts): whom they apply to, and for how long.
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { banName } from '../../src/accounts/ban-name.js';
import { Bans } from '../../src/accounts/bans.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import type { Ban, DirectoryListener } from '../../src/store/directory.js';

const spam = {
  kind: 'network',
  target: '192.0.2.0/24',
  reason: 'spam',
  created: 1000,
  until: 2000,
} as const satisfies Ban;
const mallory = { kind: 'user', target: 'mallory', reason: '', created: 1000, until: undefined } as const satisfies Ban;

t.test('a ban is listed by a name that means no other target', (t) => {
  const name = (target: string): string => banName({ kind: 'user', target });
  t.same([name('mallory'), name('192.0.2.1'), banName(spam)], ['mallory', 'user:192.0.2.1', '192.0.2.0/24']);
  const network = (target: string): string => banName({ kind: 'network', target });
  t.same(['192.0.2.7/32', '2001:db8::7/128', '2001:db8::/32', 'nowhere'].map(network), [
    '192.0.2.7',
    '2001:db8::7',
    '2001:db8::/32',
    'nowhere',
  ]);
  t.end();
});

t.test('a ban applies until it ends or is removed, and also after a restart', async (t) => {
  const store = new MemoryStore().directory;
  await (await Bans.read(store)).add(mallory);
  await store.setBan(spam);
  const bans = await Bans.read(store);
  t.same(bans.ofUser('mallory'), mallory);
  t.equal(bans.ofUser('alice'), undefined);
  t.same(bans.all(1999), [mallory, spam]);
  t.same(bans.ofAddress('192.0.2.255', 1999), spam);
  t.equal(bans.ofAddress('192.0.3.0', 1999), undefined);
  t.equal(bans.ofAddress('::1', 1999), undefined);
  t.equal(bans.ofAddress('192.0.2.255', 2000), undefined, 'the ban has ended');
  t.same(bans.all(2000), [mallory]);
  t.equal(await bans.remove(mallory), true);
  t.equal(await bans.remove(mallory), false);
  t.equal(bans.ofUser('mallory'), undefined);
});

t.test(
  'a ban replaces the ban of the same target in any spelling, and the wider and narrower bans are reported',
  async (t) => {
    const store = new MemoryStore().directory;
    const old = { ...spam, target: '::ffff:c000:200/120', until: undefined } as const;
    await store.setBan(old);
    await store.setBan({ ...spam, until: 500 });
    await store.setBan({ ...spam, target: 'nowhere' });
    const bans = await Bans.read(store);
    t.same(bans.get(spam), old, 'of two bans of one target the one that ends later applies');
    t.same((await store.listBans()).length, 2, 'only that one stays in the store');
    t.same(bans.ofAddress('192.0.2.7'), old);
    t.equal(bans.ofAddress('198.51.100.1'), undefined, 'a ban whose target is no network applies to nobody');
    const one = { ...spam, target: '192.0.2.7/32', until: undefined } as const;
    t.equal(await bans.add(one), undefined);
    t.same(bans.beside(one), { wider: [old], narrower: [] });
    t.same(bans.beside(spam), { wider: [], narrower: [one] });
    const renewed = { ...spam, reason: 'noise', until: undefined } as const;
    t.same(await bans.add(renewed), old);
    t.same(
      (await store.listBans()).filter(({ target }) => target !== 'nowhere'),
      [one, renewed],
      'the old spelling is gone from the store',
    );
    t.equal(await bans.remove({ kind: 'network', target: '::ffff:192.0.2.0/120' }), true);
    t.equal(bans.get(spam), undefined);
    t.same(bans.ofAddress('192.0.2.7'), one);
  },
);

t.test('a new ban removes the ended ones from the store', async (t) => {
  const store = new MemoryStore().directory;
  await store.setBan(spam);
  await (await Bans.read(store)).add(mallory);
  t.same(await store.listBans(), [mallory]);
});

t.test('bans of different targets go to the store together, and those of one target in order', async (t) => {
  const waiting: (() => void)[] = [];
  const calls: string[] = [];
  let listener: Partial<DirectoryListener> = {};
  const call = (what: string, change: () => void): Promise<void> => {
    calls.push(what);
    return new Promise((resolve) =>
      waiting.push(() => {
        change();
        resolve();
      }),
    );
  };
  const ended = Array.from({ length: 3 }, (_, each) => ({
    ...spam,
    target: `10.0.${each}.0/24`,
    until: 2000 + each,
  }));
  const bans = await Bans.read({
    watch: (added) => {
      listener = added;
    },
    listBans: () => Promise.resolve(ended),
    setBan: (ban) => call(`set ${ban.target}`, () => listener.banned?.(ban)),
    removeBan: (target) => call(`remove ${target.target}`, () => listener.unbanned?.(target)),
  });
  const targets = Array.from({ length: 50 }, (_, each) => `user-${each}`);
  const all = Promise.all(targets.map((target) => bans.add({ ...mallory, target })));
  const renewed = bans.add({ ...mallory, target: 'user-7', reason: 'again' });
  const gone = bans.remove({ kind: 'user', target: 'user-7' });
  t.same(
    calls,
    [...ended.map(({ target }) => `remove ${target}`), ...targets.map((target) => `set ${target}`)],
    'each that has ended is removed once, and no ban waits for another',
  );
  const commit = async (): Promise<void> => {
    for (const each of waiting.splice(0)) each();
    await sleep(1);
  };
  await commit();
  t.same(await all, Array(50).fill(undefined));
  t.same(calls.slice(53), ['set user-7']);
  await commit();
  t.match(await renewed, { target: 'user-7', reason: '' });
  await commit();
  t.equal(await gone, true);
  t.same(calls.slice(54), ['remove user-7']);
  t.same([bans.all().length, bans.ofUser('user-7')], [49, undefined]);
});

t.test('every one of ten thousand bans is found', async (t) => {
  const store = new MemoryStore().directory;
  const most = 10_000;
  for (let each = 0; each < most; each += 1)
    await store.setBan({ ...mallory, kind: 'network', target: `10.${each >> 8}.${each & 255}.0/24` });
  const bans = await Bans.read(store);
  for (let each = 0; each < most; each += 1) {
    if (
      bans.ofAddress(`10.${each >> 8}.${each & 255}.9`) === undefined ||
      bans.ofAddress(`11.${each >> 8}.${each & 255}.9`) !== undefined
    )
      t.fail(`${each}`);
  }
});

t.test('a page of the list is what a search through all bans in the order of their names would find', async (t) => {
  const target = fc.constantFrom('10.0.0.0/8', '10.0.0.7/32', '::/0', '2001:db8::7/128', 'alice', '10.0.0.7', 'zoë');
  const step = fc.record({ target, until: fc.constantFrom(undefined, 500, 5000), remove: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), target, fc.nat(8), async (steps, after, limit) => {
      const bans = await Bans.read(new MemoryStore().directory);
      for (const { target: text, until, remove } of steps) {
        const ban = { ...spam, kind: /[/]/.test(text) ? 'network' : 'user', target: text, until } as const;
        if (remove) bans.unbanned(ban);
        else bans.banned(ban);
      }
      const expected = bans
        .all(1000)
        .map(banName)
        .filter((name) => name > after)
        .sort((one, other) => (one < other ? -1 : 1));
      t.same(bans.listAfter(after, limit, 1000).map(banName), expected.slice(0, limit));
    }),
  );
});

t.test(
  'a ban that is renewed in time stays, even if it ends before a slow disk has stored the renewal and another ban comes meanwhile',
  async (t) => {
    const old = { ...spam, until: Date.now() + 50 };
    const renewed = { ...spam, until: undefined };
    const stored = new Map<string, Ban>([[old.target, old]]);
    // The store makes one change after the other. The first one takes long.
    let lastChange: Promise<void> = sleep(200);
    const after = (change: () => void): Promise<void> => {
      lastChange = lastChange.then(change);
      return lastChange;
    };
    let listener: Partial<DirectoryListener> = {};
    const bans = await Bans.read({
      watch: (added) => {
        listener = added;
      },
      listBans: () => Promise.resolve([...stored.values()]),
      setBan: (ban) =>
        after(() => {
          stored.set(ban.target, ban);
          listener.banned?.(ban);
        }),
      removeBan: (target) =>
        after(() => {
          stored.delete(target.target);
          listener.unbanned?.(target);
        }),
    });
    const first = bans.add(renewed);
    while (Date.now() <= old.until) await sleep(5);
    await Promise.all([first, bans.add(mallory)]);
    t.same([...stored.values()], [renewed, mallory]);
    t.same(bans.all(), [mallory, renewed]);
  },
);

/** Bans over a store that answers when the test says so. */
async function slowBans(...stored: readonly Ban[]): Promise<{
  readonly bans: Bans;
  /** What the store is asked, with what lets it answer. */
  readonly asked: { readonly what: string; readonly answer: (error?: Error) => void }[];
}> {
  const asked: { readonly what: string; readonly answer: (error?: Error) => void }[] = [];
  let listener: Partial<DirectoryListener> = {};
  const ask = (what: string, done: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const answer = (error?: Error): void => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        done();
        resolve();
      };
      asked.push({ what, answer });
    });
  const bans = await Bans.read({
    watch: (added) => {
      listener = added;
    },
    listBans: () => Promise.resolve(stored),
    setBan: (ban) => ask(`set ${ban.target}`, () => listener.banned?.(ban)),
    removeBan: (target) => ask(`remove ${target.target}`, () => listener.unbanned?.(target)),
  });
  return { bans, asked };
}

const answered = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

t.test('bans that are under way count for the limit, until they are stored or fail', async (t) => {
  const user = (number: number): Ban => ({ ...mallory, target: `user-${number}` });
  const { bans, asked } = await slowBans(...Array.from({ length: 9998 }, (_, number) => user(number)));
  const outcome = (ban: Ban): Promise<string> =>
    bans.add(ban).then(
      () => 'added',
      (error: unknown) => (error as Error).message,
    );
  const [one, two] = [outcome(user(20_000)), outcome(user(20_001))];
  t.equal(await outcome(user(20_002)), 'there are 10000 bans already');
  const renewed = outcome({ ...user(0), reason: 'again' });
  t.same(
    asked.map(({ what }) => what),
    ['set user-20000', 'set user-20001', 'set user-0'],
  );
  asked[0]?.answer(new Error('the disk is full'));
  t.equal(await one, 'the disk is full');
  const three = outcome(user(20_003));
  t.equal(await outcome(user(20_004)), 'there are 10000 bans already', 'the place that failed was given back once');
  for (const { answer } of asked.slice(1)) answer();
  t.same(await Promise.all([two, renewed, three]), ['added', 'added', 'added']);
  t.equal(await outcome(user(20_005)), 'there are 10000 bans already');
});

t.test('a ban that has ended gives its place to a new one, and goes unless it is being changed', async (t) => {
  const now = Date.now();
  t.intercept(Date, 'now', { value: () => now });
  const of = (target: string, until: number | undefined): Ban => ({ ...mallory, target, until });
  const ends = [now + 1, now, now - 5, now, undefined, now - 1];
  const { bans, asked } = await slowBans(...ends.map((until, at) => of(`user-${at}`, until)));
  const what = (): readonly string[] => asked.map((each) => each.what).sort();
  const renewing = bans.add(of('user-1', undefined));
  await answered();
  t.same(
    what(),
    ['remove user-2', 'remove user-3', 'remove user-5', 'set user-1'],
    'those that have ended, and it is renewed',
  );
  asked.find((each) => each.what === 'remove user-3')?.answer(new Error('the disk is full'));
  await answered();
  const another = bans.add(of('user-9', undefined));
  await answered();
  t.same(what().slice(3), ['remove user-5', 'set user-1', 'set user-9'], 'what is under way is not asked for again');
  t.equal(what().filter((each) => each === 'remove user-3').length, 2, 'what failed is');
  for (const { answer } of asked.splice(0)) answer();
  await Promise.all([renewing, another]);
  t.same(
    bans
      .all()
      .map(({ target }) => target)
      .sort(),
    ['user-0', 'user-1', 'user-4', 'user-9'],
  );
});

t.test('bans that end at one time, or share a name, are taken out of the lists one by one', async (t) => {
  const store = new MemoryStore().directory;
  const bans = await Bans.read(store);
  const until = 5000;
  const all: readonly Ban[] = [
    { ...mallory, target: 'one', until },
    { ...mallory, target: 'two', until },
    { ...mallory, target: 'three', until },
    { ...mallory, kind: 'network', target: 'one', until },
    { ...mallory, target: 'early', until: 4999 },
  ];
  for (const ban of all) await store.setBan(ban);
  const listed = (now: number): readonly string[] =>
    bans
      .listAfter('', 99, now)
      .map(({ kind, target }) => `${kind} ${target}`)
      .sort();
  const named = (...places: readonly number[]): readonly string[] =>
    places.map((at) => `${all[at]?.kind} ${all[at]?.target}`).sort();
  t.same(listed(4998), named(0, 1, 2, 3, 4));
  t.same(listed(4999), named(0, 1, 2, 3));
  for (const [gone, left] of [
    [1, [0, 2, 3, 4]],
    [0, [2, 3, 4]],
    [3, [2, 4]],
    [2, [4]],
  ] as const) {
    const ban = all[gone];
    if (ban !== undefined) await store.removeBan(ban);
    t.same(listed(0), named(...left));
  }
  t.intercept(Date, 'now', { value: () => 5000 });
  await bans.add(mallory);
  await answered();
  t.same(bans.listAfter('', 99, 0), [mallory], 'the last one had ended');
});
