// Password hashes (src/accounts/passwords.ts), and what a login costs (src/accounts/accounts.ts): how many run at once, how
// many may wait, and that nobody learns from the work done whether a name exists (PROTOCOL.md §7). Every run of scrypt is
// counted.

import crypto from 'node:crypto';
import t from 'tap';
import type { NewAccount } from '../../src/accounts/accounts.js';
import { MemoryStore } from '../../src/store/memory.js';
import type { Entry } from '../../src/store/store.js';

/** The cost of every scrypt that was started, `N r p`, and of which password; how many ran at one time at most. */
const costs: string[] = [];
const started: string[] = [];
let running = 0;
let most = 0;

// The package takes crypto.scrypt when it is loaded: so it is loaded after this.
const scrypt = crypto.scrypt;
const counting = (
  password: crypto.BinaryLike, salt: crypto.BinaryLike, length: number, options: crypto.ScryptOptions,
  callback: (error: Error | null, key: Buffer) => void,
): void => {
  costs.push(`${options.N} ${options.r} ${options.p}`);
  started.push(Buffer.from(password as Uint8Array).toString());
  running += 1;
  most = Math.max(most, running);
  scrypt(password, salt, length, options, (error, key) => {
    running -= 1;
    callback(error, key);
  });
};
crypto.scrypt = counting as typeof crypto.scrypt;
const { Passwords, PasswordsBusy } = await import('../../src/accounts/passwords.js');
const { Accounts } = await import('../../src/accounts/accounts.js');

const cheap = { logN: 4, r: 8, p: 1 };
const account: NewAccount = { username: 'alice', firstName: 'Alice', lastName: 'Liddell', password: 'rabbit-hole' };

/** What scrypt was asked for while `work` ran. */
async function costsOf(work: () => Promise<unknown>): Promise<string[]> {
  costs.length = 0;
  await work();
  return [...costs];
}

t.test('a hash is 96 bytes that only its own password fits, and never twice the same', async (t) => {
  const passwords = new Passwords(cheap, 8);
  const hash = await passwords.hash('rabbit-hole');
  t.equal(hash.length, 96);
  t.notSame(await passwords.hash('rabbit-hole'), hash);
  t.equal(await passwords.verify('rabbit-hole', hash), true);
  for (const wrong of ['rabbit-hole ', 'Rabbit-hole', 'rabbit-hol', '']) t.equal(await passwords.verify(wrong, hash), false);
});

t.test('a hash is outdated as soon as one parameter is another', async (t) => {
  const hash = await new Passwords(cheap, 8).hash('rabbit-hole');
  t.equal(new Passwords(cheap, 8).isOutdated(hash), false);
  for (const other of [{ logN: 5 }, { logN: 3 }, { r: 4 }, { p: 2 }]) {
    t.equal(new Passwords({ ...cheap, ...other }, 8).isOutdated(hash), true, JSON.stringify(other));
  }
});

t.test('two run at once at most, the others in the order in which they came', async (t) => {
  const passwords = new Passwords({ logN: 10, r: 8, p: 1 }, 8);
  const done: number[] = [];
  most = 0;
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((each) => passwords.hash('rabbit-hole').then(() => done.push(each))));
  t.equal(most, 2);
  // Two run side by side, and one of them may be slow: then others end before it. But none starts before its turn.
  for (const [place, each] of done.entries()) t.ok(each - place <= 1, `${each} was number ${place} to end`);
});

t.test('beyond two and the queue a password is refused at once, with a time to come back', async (t) => {
  const passwords = new Passwords(cheap, 3);
  const taken = [1, 2, 3, 4, 5].map(() => passwords.hash('rabbit-hole'));
  for (const tried of [passwords.hash('x'), passwords.verify('x', undefined)]) {
    const error = await tried.catch((why: unknown) => why);
    t.ok(error instanceof PasswordsBusy && Number.isInteger(error.retryAfter) && error.retryAfter > 0);
  }
  await Promise.all(taken);
  t.equal((await passwords.hash('rabbit-hole')).length, 96, 'there is room again');
});

t.test('a check that fails gives its place back', async (t) => {
  const passwords = new Passwords(cheap, 1);
  for (let each = 0; each < 5; each += 1) await t.rejects(passwords.verify('rabbit-hole', new Uint8Array(7)));
  t.equal(await passwords.verify('rabbit-hole', await passwords.hash('rabbit-hole')), true);
});

t.test('a login costs the same whether the user exists or not, and whether the password is right or wrong', async (t) => {
  const accounts = new Accounts(new MemoryStore<Entry>(), new Passwords(cheap, 8));
  t.same(await costsOf(() => accounts.create(account)), ['16 8 1']);
  t.same(await costsOf(async () => t.match(await accounts.authenticate('alice', 'rabbit-hole'), { name: 'alice' })), ['16 8 1']);
  t.same(await costsOf(async () => t.same(await accounts.authenticate('alice', 'looking-glass'), { tried: 'alice' })), ['16 8 1']);
  t.same(await costsOf(async () => t.same(await accounts.authenticate('mallory', 'rabbit-hole'), { tried: undefined })), ['16 8 1']);
});

t.test('a disabled user is refused, and learns nothing from it', async (t) => {
  const store = new MemoryStore<Entry>();
  const accounts = new Accounts(store, new Passwords(cheap, 8));
  await accounts.create(account);
  await store.changeUser((await store.findUser('alice'))?.id ?? -1, { state: 'disabled' });
  for (const password of ['rabbit-hole', 'looking-glass']) {
    t.same(await costsOf(async () => t.same(await accounts.authenticate('alice', password), { tried: 'alice' })), ['16 8 1']);
  }
});

t.test('a name that is taken costs no hash', async (t) => {
  const accounts = new Accounts(new MemoryStore<Entry>(), new Passwords(cheap, 8));
  await accounts.create(account);
  t.same(await costsOf(async () => t.equal(await accounts.create({ ...account, username: 'ALICE' }), undefined)), []);
});

t.test('a hash of other parameters is renewed by the next login, by a right password only', async (t) => {
  const store = new MemoryStore<Entry>();
  await new Accounts(store, new Passwords(cheap, 8)).create(account);
  const passwords = new Passwords({ logN: 6, r: 8, p: 2 }, 8);
  const accounts = new Accounts(store, passwords);
  t.same(await costsOf(() => accounts.authenticate('alice', 'looking-glass')), ['16 8 1']);
  t.same(await costsOf(() => accounts.authenticate('alice', 'rabbit-hole')), ['16 8 1', '64 8 2'], 'checked, then renewed');
  t.same(await costsOf(async () => t.match(await accounts.authenticate('alice', 'rabbit-hole'), { name: 'alice' })), ['64 8 2']);
});

t.test('a login succeeds where the queue has no room for the renewal', async (t) => {
  class Full extends Passwords {
    override hash(): Promise<Uint8Array> {
      return Promise.reject(new PasswordsBusy(5));
    }
  }
  const store = new MemoryStore<Entry>();
  await new Accounts(store, new Passwords(cheap, 8)).create(account);
  const before = await store.findUser('alice');
  t.match(await new Accounts(store, new Full({ ...cheap, p: 2 }, 8)).authenticate('alice', 'rabbit-hole'), { name: 'alice' });
  t.same(await store.findUser('alice'), before, 'and the old hash is as good as it was');
});

/** As `Passwords`, and `meanwhile` happens between the first check of a password and what becomes of it. */
class Interrupted extends Passwords {
  meanwhile: (() => Promise<unknown>) | undefined;

  override async verify(...asked: Parameters<InstanceType<typeof Passwords>['verify']>): Promise<boolean> {
    const right = await super.verify(...asked);
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    return right;
  }
}

for (const [what, cost] of [['is checked', cheap], ['is checked and renewed', { ...cheap, p: 2 }]] as const) {
  t.test(`what changes while a password ${what} is what decides`, async (t) => {
    const store = new MemoryStore<Entry>();
    await new Accounts(store, new Passwords(cheap, 8)).create(account);
    const passwords = new Interrupted(cost, 8);
    const accounts = new Accounts(store, passwords);
    const alice = await store.findUser('alice');
    if (alice === undefined) throw new Error('she is not there');
    passwords.meanwhile = () => accounts.setPassword(alice, 'looking-glass');
    t.same(await accounts.authenticate('alice', 'rabbit-hole'), { tried: 'alice' }, 'the old password');
    t.match(await accounts.authenticate('alice', 'looking-glass'), { name: 'alice' }, 'the new one is kept');
    passwords.meanwhile = () => accounts.setPassword(alice, 'looking-glass');
    t.match(await accounts.authenticate('alice', 'looking-glass'), { name: 'alice' }, 'the same password, hashed anew');
    passwords.meanwhile = () => accounts.change(alice, { state: 'disabled' });
    t.same(await accounts.authenticate('alice', 'looking-glass'), { tried: 'alice' }, 'disabled');
    t.equal(await accounts.withoutPassword('alice'), undefined);
  });
}

t.test('two logins that renew one hash both succeed', async (t) => {
  const store = new MemoryStore<Entry>();
  await new Accounts(store, new Passwords(cheap, 8)).create(account);
  const accounts = new Accounts(store, new Passwords({ ...cheap, p: 2 }, 8));
  for (const login of await Promise.all([1, 2].map(() => accounts.authenticate('alice', 'rabbit-hole')))) t.match(login, { name: 'alice' });
});

t.test('who asks takes turns, and whoever has most in a full queue makes room', async (t) => {
  const passwords = new Passwords(cheap, 6);
  const hash = await passwords.hash('rabbit-hole');
  started.length = 0;
  const refused: string[] = [];
  // Whoever asks does so with its own name for a password, so that it is seen whose turn it is.
  const ask = (asker: string): Promise<unknown> => passwords.verify(asker, hash, asker).catch((error: unknown) => {
    refused.push(error instanceof PasswordsBusy ? asker : String(error));
  });
  await Promise.all(['flood', 'flood', 'flood', 'flood', 'flood', 'flood', 'flood', 'flood', 'alice', 'flood', 'bob', 'alice'].map(ask));
  t.same(refused, ['flood', 'flood', 'flood', 'flood']);
  t.same(started, ['flood', 'flood', 'flood', 'alice', 'bob', 'flood', 'alice', 'flood'], 'two at once, and then in turns');
  t.equal((await passwords.hash('rabbit-hole')).length, 96, 'the queue is empty again');
});
