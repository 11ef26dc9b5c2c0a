// Tests password hashes (src/accounts/passwords.ts) and what a login costs (src/accounts/accounts.ts): how many hashes
// run at once, how many may wait, and that the work of a login does not reveal whether a name exists (PROTOCOL.md §7).
// The test counts every call of scrypt.

import crypto from 'node:crypto';
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import t from 'tap';
import type { NewAccount } from '../../src/accounts/accounts.js';
import { opaqueString } from '../../src/text/opaque-string.js';
import type { Verdict } from '../../src/accounts/passwords.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { craftedHash } from '../support/crafted-hash.js';

/** The cost of each call of scrypt, as `N r p`. */
const costs: string[] = [];
/** The password of each call of scrypt. */
const started: string[] = [];
let running = 0;
/** The most calls that ran at the same time. */
let most = 0;
/** The end of the newest call. Calls are made to end in the order of their starts, whichever thread is faster. */
let latest = Promise.resolve();

// scrypt-kdf takes crypto.scrypt when it is loaded, so it is loaded after this.
const scrypt = crypto.scrypt;
const counting = (
  password: crypto.BinaryLike,
  salt: crypto.BinaryLike,
  length: number,
  options: crypto.ScryptOptions,
  callback: (error: Error | null, key: Buffer) => void,
): void => {
  costs.push(`${options.N} ${options.r} ${options.p}`);
  started.push(Buffer.from(password as Uint8Array).toString());
  running += 1;
  most = Math.max(most, running);
  const before = latest;
  latest = new Promise<void>((ended) => {
    scrypt(password, salt, length, options, (error, key) => {
      void before.then(() => {
        running -= 1;
        // What this call's end starts is started before the next call ends.
        setImmediate(ended);
        callback(error, key);
      });
    });
  });
};
crypto.scrypt = counting as typeof crypto.scrypt;
const { default: scryptKdf } = (await import('scrypt-kdf')) as unknown as {
  readonly default: typeof import('scrypt-kdf');
};
const { Passwords, PasswordsBusy } = await import('../../src/accounts/passwords.js');
const { Accounts } = await import('../../src/accounts/accounts.js');

const cheap = { logN: 4, r: 8, p: 1 };
const account: NewAccount = { username: 'alice', firstName: 'Alice', lastName: 'Liddell', password: 'rabbit-hole' };

/** The costs of the calls of scrypt while `work` ran. */
async function costsOf(work: () => Promise<unknown>): Promise<string[]> {
  costs.length = 0;
  await work();
  return [...costs];
}

t.test('a hash has 96 bytes, matches only its own password, and is never the same twice', async (t) => {
  const passwords = new Passwords(cheap, 8);
  const hash = await passwords.hash('rabbit-hole');
  t.equal(hash.length, 96);
  t.notSame(await passwords.hash('rabbit-hole'), hash);
  t.equal(await passwords.verify('rabbit-hole', hash), 'right');
  for (const wrong of ['rabbit-hole ', 'Rabbit-hole', 'rabbit-hol', ''])
    t.equal(await passwords.verify(wrong, hash), 'wrong');
});

t.test('a hash is outdated if any of its parameters differs from the settings', async (t) => {
  const hash = await new Passwords(cheap, 8).hash('rabbit-hole');
  t.equal(await new Passwords(cheap, 8).verify('rabbit-hole', hash), 'right');
  for (const other of [{ logN: 5 }, { logN: 3 }, { r: 4 }, { p: 2 }]) {
    const passwords = new Passwords({ ...cheap, ...other }, 8);
    t.equal(await passwords.verify('rabbit-hole', hash), 'outdated', JSON.stringify(other));
    t.equal(await passwords.verify('looking-glass', hash), 'wrong', JSON.stringify(other));
  }
});

t.test('a costly hash is made in a thread of its own, behind the others of the process', async (t) => {
  const parameters = { logN: 15, r: 8, p: 1 };
  const passwords = new Passwords(parameters, 8);
  const inPool = await costsOf(async () => {
    const hash = await passwords.hash('rabbit-hole');
    t.equal(await passwords.verify('rabbit-hole', hash), 'right');
    t.equal(await passwords.verify('another', hash), 'wrong');
    t.ok(await scryptKdf.verify(Buffer.from(hash), 'rabbit-hole'), 'as the package does it');
  });
  t.same(inPool, ['32768 8 1'], "but the package's own check");
  if (process.platform !== 'linux') return;
  const threads = readdirSync('/proc/self/task').map((id) => getPriority(Number(id)));
  t.ok(threads.includes(Math.min(19, getPriority() + 10)), threads.join());
});

t.test('at most two hashes run at once, and the others start in the order of their requests', async (t) => {
  const passwords = new Passwords({ logN: 10, r: 8, p: 1 }, 8);
  const done: number[] = [];
  most = 0;
  await Promise.all(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((each) => passwords.hash('rabbit-hole').then(() => done.push(each))),
  );
  t.equal(most, 2);
  // Two run side by side. If one of them is slow, others end before it, but none starts before its turn.
  for (const [place, each] of done.entries()) t.ok(each - place <= 1, `${each} was number ${place} to end`);
});

t.test('a password that finds the queue full is refused at once, with a retryAfter', async (t) => {
  const passwords = new Passwords(cheap, 3);
  const taken = [1, 2, 3, 4, 5].map(() => passwords.hash('rabbit-hole'));
  for (const tried of [passwords.hash('x'), passwords.verify('x', undefined)]) {
    const error = await tried.catch((why: unknown) => why);
    t.ok(error instanceof PasswordsBusy && Number.isInteger(error.retryAfter) && error.retryAfter > 0);
  }
  await Promise.all(taken);
  t.equal((await passwords.hash('rabbit-hole')).length, 96, 'there is room again');
});

t.test('however many were refused, nobody is asked to wait for more than 20 seconds', async (t) => {
  const passwords = new Passwords(cheap, 3);
  // Some of these are refused for strangers who have asked for less.
  const taken = Promise.allSettled([1, 2, 3, 4, 5].map(() => passwords.hash('rabbit-hole')));
  const waits = await Promise.all(
    Array.from({ length: 1000 }, (_, at) =>
      passwords.verify('x', undefined, { address: `stranger ${at}`, account: 'bob' }).then(
        () => 0,
        (error: unknown) => (error instanceof PasswordsBusy ? error.retryAfter : NaN),
      ),
    ),
  );
  t.ok(waits.some((wait) => wait > 0 && wait < 20_000));
  t.equal(Math.max(...waits), 20_000);
  await taken;
});

t.test('a check that throws frees its place', async (t) => {
  const passwords = new Passwords(cheap, 1);
  for (let each = 0; each < 5; each += 1) await t.rejects(passwords.verify(5 as unknown as string, undefined));
  t.equal(await passwords.verify('rabbit-hole', await passwords.hash('rabbit-hole')), 'right');
});

t.test(
  'a damaged hash, or one that is too expensive, matches no password and costs as much as an unknown user',
  async (t) => {
    const passwords = new Passwords(cheap, 8);
    const damaged = Buffer.from(await passwords.hash('rabbit-hole'));
    damaged[20] = (damaged[20] ?? 0) ^ 1;
    const strange = [
      new Uint8Array(7),
      new Uint8Array(96),
      damaged,
      craftedHash(40, 8, 1),
      craftedHash(20, 16, 1),
      craftedHash(10, 33, 1),
      craftedHash(10, 8, 17),
      craftedHash(0, 8, 1),
      craftedHash(10, 0, 1),
      craftedHash(255, 2 ** 32 - 1, 2 ** 32 - 1),
    ];
    for (const hash of strange) {
      const heads = strange.map((each) => each.subarray(0, 16));
      t.same(
        await costsOf(async () => t.equal(await passwords.verify('rabbit-hole', hash, undefined, heads), 'wrong')),
        ['16 8 1'],
        Buffer.from(hash).toString('hex', 0, 16),
      );
    }
  },
);

t.test(
  'a login costs the same whether the user exists or not, and whether the password is right or wrong',
  async (t) => {
    const accounts = new Accounts(new MemoryStore().directory, new Passwords(cheap, 8));
    t.same(await costsOf(() => accounts.create(account)), ['16 8 1']);
    t.same(await costsOf(async () => t.match(await accounts.authenticate('alice', 'rabbit-hole'), { name: 'alice' })), [
      '16 8 1',
    ]);
    t.same(
      await costsOf(async () => t.same(await accounts.authenticate('alice', 'looking-glass'), { tried: 'alice' })),
      ['16 8 1'],
    );
    t.same(
      await costsOf(async () => t.same(await accounts.authenticate('mallory', 'rabbit-hole'), { tried: undefined })),
      ['16 8 1'],
    );
  },
);

t.test('a disabled user is refused at the same cost, and told apart only by the right password', async (t) => {
  const store = new MemoryStore().directory;
  const accounts = new Accounts(store, new Passwords(cheap, 8));
  await accounts.create(account);
  await store.changeUser((await store.findUser('alice'))?.id ?? -1, { state: 'disabled' });
  for (const [password, answer] of [
    ['rabbit-hole', { disabled: { name: 'alice' } }],
    ['looking-glass', { tried: 'alice' }],
  ] as const)
    t.same(await costsOf(async () => t.match(await accounts.authenticate('alice', password), answer)), ['16 8 1']);
});

t.test('a name that is taken costs no hash', async (t) => {
  const accounts = new Accounts(new MemoryStore().directory, new Passwords(cheap, 8));
  await accounts.create(account);
  t.same(await costsOf(async () => t.equal(await accounts.create({ ...account, username: 'ALICE' }), undefined)), []);
});

t.test('a hash of other parameters is renewed by the next login, but only by a right password', async (t) => {
  const store = new MemoryStore().directory;
  await new Accounts(store, new Passwords(cheap, 8)).create(account);
  const passwords = new Passwords({ logN: 6, r: 8, p: 2 }, 8);
  const accounts = new Accounts(store, passwords);
  t.same(await costsOf(() => accounts.authenticate('alice', 'looking-glass')), ['64 8 2', '16 8 1']);
  t.same(
    await costsOf(() => accounts.authenticate('alice', 'rabbit-hole')),
    ['64 8 2', '16 8 1', '64 8 2'],
    'checked, then renewed',
  );
  t.same(await costsOf(async () => t.match(await accounts.authenticate('alice', 'rabbit-hole'), { name: 'alice' })), [
    '64 8 2',
  ]);
});

for (const [what, before, now] of [
  ['raised', cheap, { logN: 6, r: 8, p: 2 }],
  ['lowered', { logN: 6, r: 8, p: 2 }, cheap],
  ['changed in r alone', cheap, { ...cheap, r: 4 }],
] as const) {
  t.test(`after the cost was ${what}, every refusal costs the same, whatever its reason`, async (t) => {
    const store = new MemoryStore().directory;
    const old = new Accounts(store, new Passwords(before, 8));
    for (const username of ['alice', 'carol', 'dave', 'erin']) await old.create({ ...account, username });
    const accounts = new Accounts(store, new Passwords(now, 8));
    await accounts.create({ ...account, username: 'bob' });
    const id = async (name: string): Promise<number> => (await store.findUser(name))?.id ?? -1;
    await store.changeUser(await id('carol'), { state: 'disabled' });
    await store.changeUser(await id('dave'), { state: 'deleted', password: new Uint8Array() });
    await store.changeUser(await id('erin'), { password: new Uint8Array(96) });
    const reference = await costsOf(() => accounts.authenticate('mallory', 'looking-glass'));
    t.equal(reference.length, 2);
    for (const [name, password] of [
      ['mallory', 'rabbit-hole'],
      ['alice', 'looking-glass'],
      ['bob', 'looking-glass'],
      ['carol', 'rabbit-hole'],
      ['carol', 'looking-glass'],
      ['dave', 'rabbit-hole'],
      ['erin', 'rabbit-hole'],
    ] as const) {
      t.same(
        await costsOf(async () => t.notOk('id' in (await accounts.authenticate(name, password)))),
        reference,
        `${name}, ${password}`,
      );
    }
    t.same(
      await costsOf(async () =>
        t.match(await accounts.authenticate('alice', 'rabbit-hole', '', () => false), { name: 'alice' }),
      ),
      reference,
      'no hash is renewed for a user who is refused for another reason',
    );
    const other = await costsOf(() => accounts.authenticate('mallory', 'e\u0301toiles'));
    t.equal(other.length, 4, 'a password that OpaqueString changes is also checked as it came');
    t.same(await costsOf(() => accounts.authenticate('alice', 'e\u0301toiles')), other);
    t.same(await costsOf(() => accounts.authenticate('bob', 'e\u0301toiles')), other);

    await accounts.authenticate('alice', 'rabbit-hole');
    t.equal(
      (await costsOf(() => accounts.authenticate('mallory', 'looking-glass'))).length,
      2,
      'one user with the old cost is left',
    );
    await store.changeUser(await id('carol'), { state: 'deleted', password: new Uint8Array() });
    t.equal(
      (await costsOf(() => accounts.authenticate('mallory', 'looking-glass'))).length,
      1,
      'no user with the old cost is left',
    );
  });
}

t.test('every refusal reads the store equally often, whatever its reason', async (t) => {
  const store = new MemoryStore().directory;
  await new Accounts(store, new Passwords(cheap, 8)).create(account);
  const accounts = new Accounts(store, new Passwords(cheap, 8));
  let reads = 0;
  const find = store.findUser.bind(store);
  store.findUser = (key) => {
    reads += 1;
    return find(key);
  };
  for (const [name, password] of [
    ['alice', 'looking-glass'],
    ['mallory', 'looking-glass'],
    ['alice', 'rabbit-hole'],
  ] as const) {
    reads = 0;
    await accounts.authenticate(name, password);
    t.equal(reads, 2, `${name}, ${password}`);
  }
});

t.test('a password is accepted in every spelling that OpaqueString makes equal (RFC 8265)', async (t) => {
  const accounts = new Accounts(new MemoryStore().directory, new Passwords(cheap, 8));
  await accounts.create({ ...account, password: 'Se\u0301same\u00a0ouvre-toi' });
  for (const password of [
    'S\u00e9same ouvre-toi',
    'Se\u0301same ouvre-toi',
    'S\u00e9same\u3000ouvre-toi',
    'S\u00e9same\u2003ouvre-toi',
  ]) {
    t.match(await accounts.authenticate('alice', password), { name: 'alice' }, encodeURIComponent(password));
  }
  for (const password of [
    'Sesame ouvre-toi',
    's\u00e9same ouvre-toi',
    'S\u00e9same  ouvre-toi',
    'S\u00e9same\u200bouvre-toi',
    'S\u00e9same\u0085ouvre-toi',
    '\uff33\u00e9same ouvre-toi',
    'S\u00e9same\tours',
  ]) {
    t.match(await accounts.authenticate('alice', password), { tried: 'alice' }, encodeURIComponent(password));
  }
});

t.test('OpaqueString maps all spaces to U+0020 and canonical equivalents to NFC, and nothing else', async (t) => {
  for (const space of ['\u00a0', '\u1680', '\u2000', '\u200a', '\u202f', '\u205f', '\u3000'])
    t.equal(opaqueString(`a${space}b`), 'a b');
  for (const other of [
    '\u200b',
    '\u2028',
    '\u2029',
    '\u0085',
    '\ufeff',
    '\u00ad',
    '\uff21',
    '\u0130',
    '\0\t\n',
    'A',
    '\u3164',
    '',
  ])
    t.equal(opaqueString(`a${other}`), `a${other}`);
  t.equal(opaqueString('\u212b\u0344\u0958'), '\u00c5\u0308\u0301\u0915\u093c'.normalize('NFC'));
  for (let point = 0; point < 0x3400; point += 1) {
    const character = String.fromCharCode(point);
    const expected = /\p{Zs}/u.test(character) ? ' ' : character.normalize('NFC');
    if (opaqueString(character) !== expected) t.fail(`U+${point.toString(16)}`);
  }
});

t.test(
  'an older hash of an unmapped password is accepted, and then replaced by a hash of the mapped one',
  async (t) => {
    const store = new MemoryStore().directory;
    const accounts = new Accounts(store, new Passwords(cheap, 8));
    await accounts.create(account);
    // 0.1.0 hashed the bytes that came.
    const decomposed = 'Se\u0301same ouvre-toi';
    const { default: kdf } = (await import('scrypt-kdf')) as unknown as {
      readonly default: typeof import('scrypt-kdf');
    };
    const alice = (await store.findUser('alice'))?.id ?? -1;
    await store.changeUser(alice, { password: await kdf.kdf(decomposed, cheap) });
    t.match(
      await accounts.authenticate('alice', decomposed.normalize('NFC')),
      { tried: 'alice' },
      'the other form never matched this hash',
    );
    t.match(await accounts.authenticate('alice', decomposed), { name: 'alice' });
    t.match(
      await accounts.authenticate('alice', decomposed.normalize('NFC')),
      { name: 'alice' },
      'now both forms match',
    );
    t.match(await accounts.authenticate('alice', decomposed), { name: 'alice' });
  },
);

t.test('a login succeeds even if the queue has no room for the renewal', async (t) => {
  class Full extends Passwords {
    override hash(): Promise<Uint8Array> {
      return Promise.reject(new PasswordsBusy(5));
    }
  }
  const store = new MemoryStore().directory;
  await new Accounts(store, new Passwords(cheap, 8)).create(account);
  const before = await store.findUser('alice');
  t.match(await new Accounts(store, new Full({ ...cheap, p: 2 }, 8)).authenticate('alice', 'rabbit-hole'), {
    name: 'alice',
  });
  t.same(await store.findUser('alice'), before, 'the old hash stays');
});

/** Passwords that run `meanwhile` between the first check of a password and the return of its verdict. */
class Interrupted extends Passwords {
  meanwhile: (() => Promise<unknown>) | undefined;

  override async verify(...asked: Parameters<InstanceType<typeof Passwords>['verify']>): Promise<Verdict> {
    const verdict = await super.verify(...asked);
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    return verdict;
  }
}

for (const [what, cost] of [
  ['is checked', cheap],
  ['is checked and renewed', { ...cheap, p: 2 }],
] as const) {
  t.test(`a change of the account while a password ${what} decides the login`, async (t) => {
    const store = new MemoryStore().directory;
    await new Accounts(store, new Passwords(cheap, 8)).create(account);
    const passwords = new Interrupted(cost, 8);
    const accounts = new Accounts(store, passwords);
    const alice = await store.findUser('alice');
    if (alice === undefined) throw new Error('alice was not created');
    passwords.meanwhile = () => accounts.setPassword(alice, 'looking-glass');
    t.same(await accounts.authenticate('alice', 'rabbit-hole'), { tried: 'alice' }, 'the old password');
    t.match(await accounts.authenticate('alice', 'looking-glass'), { name: 'alice' }, 'the new password');
    passwords.meanwhile = () => accounts.setPassword(alice, 'looking-glass');
    t.match(
      await accounts.authenticate('alice', 'looking-glass'),
      { name: 'alice' },
      'the same password, hashed again',
    );
    passwords.meanwhile = () => accounts.change(alice, { state: 'disabled' });
    t.match(await accounts.authenticate('alice', 'looking-glass'), { disabled: { name: 'alice' } });
    t.equal(await accounts.withoutPassword('alice'), undefined);
  });
}

t.test('two logins that renew one hash both succeed', async (t) => {
  const store = new MemoryStore().directory;
  await new Accounts(store, new Passwords(cheap, 8)).create(account);
  const accounts = new Accounts(store, new Passwords({ ...cheap, p: 2 }, 8));
  for (const login of await Promise.all([1, 2].map(() => accounts.authenticate('alice', 'rabbit-hole'))))
    t.match(login, { name: 'alice' });
});

t.test('askers take turns, and the one with the most in a full queue loses its newest', async (t) => {
  const passwords = new Passwords(cheap, 6);
  const hash = await passwords.hash('rabbit-hole');
  started.length = 0;
  const refused: string[] = [];
  // Each asker uses its own name as the password, so that `started` shows whose turn it was.
  const ask = (asker: string): Promise<unknown> =>
    passwords.verify(asker, hash, { address: asker, account: asker }).catch((error: unknown) => {
      refused.push(error instanceof PasswordsBusy ? asker : String(error));
    });
  await Promise.all(
    ['flood', 'flood', 'flood', 'flood', 'flood', 'flood', 'flood', 'flood', 'alice', 'flood', 'bob', 'alice'].map(ask),
  );
  t.same(refused, ['flood', 'flood', 'flood', 'flood']);
  t.same([...started].sort(), ['alice', 'alice', 'bob', 'flood', 'flood', 'flood', 'flood', 'flood']);
  // Two run at a time, and one that is slow to start may be overtaken.
  for (const asker of ['alice', 'bob'])
    t.ok(started.indexOf(asker) < 5, 'behind those that had begun the one comes that had the fewest');
  t.equal((await passwords.hash('rabbit-hole')).length, 96, 'the queue is empty again');
});
