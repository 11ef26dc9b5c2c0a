// Tests tokens: what a check accepts, what happens while something else changes, and what is done in the background.
import { createHash, createHmac } from 'node:crypto';
import t from 'tap';
import { Accounts } from '../../src/accounts/accounts.js';
import { Endings } from '../../src/accounts/endings.js';
import { Passwords } from '../../src/accounts/passwords.js';
import { keysOf, newToken, tokenParts, tokenText } from '../../src/accounts/token-secret.js';
import { TokenUpkeep } from '../../src/accounts/token-upkeep.js';
import { Tokens, type TokenLogin } from '../../src/accounts/tokens.js';
import type { UserRecord } from '../../src/store/directory.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { MemoryTokens } from '../../src/store/memory/tokens.js';
import { atOnce, StoreFailure } from '../../src/store/store.js';
import type { ExpiredToken, TokenRecord, TokenStore } from '../../src/store/tokens.js';
import { nameForms } from '../../src/text/names.js';
import { TestClock } from '../support/clock.js';

/** Tokens whose next read runs something between the read and its answer. */
class InterruptedTokens extends MemoryTokens {
  interruption: (() => Promise<unknown>) | undefined;

  override async find(id: string): ReturnType<TokenStore['find']> {
    const found = await super.find(id);
    const { interruption } = this;
    this.interruption = undefined;
    await interruption?.();
    return found;
  }
}

interface Stage {
  readonly tokens: Tokens;
  readonly store: InterruptedTokens;
  readonly accounts: Accounts;
  readonly alice: UserRecord;
  readonly make: (more?: { parent?: string; expiresIn?: number }, most?: number) => ReturnType<Tokens['create']>;
  /** The text of a new token. */
  readonly text: () => Promise<string>;
  readonly check: (text: string) => Promise<TokenLogin | string | undefined>;
  time: number;
}

const payer = { payerClass: 'user', payerAddress: 'x', payerUser: 'alice' } as const;

async function stage(): Promise<Stage> {
  const { data, commits, directory } = new MemoryStore();
  const store = new InterruptedTokens(data, commits);
  const accounts = new Accounts(directory, new Passwords({ logN: 10, r: 8, p: 1 }, 10));
  await directory.createUser({ ...nameForms('bob'), firstName: '', lastName: '', password: Buffer.from('x') });
  await directory.createUser({ ...nameForms('alice'), firstName: '', lastName: '', password: Buffer.from('x') });
  const alice = (await directory.findUser('alice')) as UserRecord;
  const upkeep = new TokenUpkeep(
    store,
    () => undefined,
    () => set.time,
  );
  const tokens = new Tokens(store, accounts, upkeep, () => set.time);
  const make: Stage['make'] = (more = {}, most = 9) =>
    tokens.create(
      { user: alice.id, parent: more.parent, label: '', settings: '', expiresIn: more.expiresIn },
      most,
      payer,
    );
  const set: Stage = {
    tokens,
    store,
    accounts,
    alice,
    make,
    text: async () => {
      const made = await make();
      if (typeof made === 'string') throw new Error(made);
      return made.text;
    },
    check: (text) => tokens.check(text, atOnce, (login, tried) => login ?? tried),
    time: 1_000_000,
  };
  return set;
}

t.test('the keys are those of the contract, and nothing else of the secret is stored', async (t) => {
  const { id, secret } = newToken();
  t.match([id, secret], [/^[0-9a-f]{24}$/, /^[A-Za-z0-9_-]{43}$/]);
  t.same(tokenParts(tokenText(id, secret)), { id, secret });
  const mac = (text: string): Buffer => createHmac('sha256', Buffer.from(secret, 'ascii')).update(text).digest();
  t.same(keysOf(secret), {
    storedKey: createHash('sha256').update(mac('salond client')).digest('base64url'),
    serverKey: mac('salond server').toString('base64url'),
  });
  const { make, store, alice } = await stage();
  const made = await make();
  if (typeof made === 'string') throw new Error(made);
  t.notMatch(JSON.stringify(await store.list(alice.id)), tokenParts(made.text).secret);
});

t.test('a token is right until it expires; another secret, and an unknown one, are not', async (t) => {
  const set = await stage();
  const made = await set.make({ expiresIn: 10 });
  if (typeof made === 'string') throw new Error(made);
  t.match(await set.check(made.text), { user: { name: 'alice' }, token: { id: made.token.id } });
  const other = newToken();
  t.equal(await set.check(tokenText(made.token.id, other.secret)), 'alice', 'whose token it should have been');
  t.equal(await set.check(tokenText(other.id, other.secret)), undefined);
  t.equal(await set.check(tokenText(made.token.id, 'short123')), 'alice');
  set.time += 9999;
  t.match(await set.check(made.text), { user: { name: 'alice' } });
  t.equal((await set.tokens.list(set.alice.id)).length, 1);
  set.time += 1;
  t.equal(await set.check(made.text), 'alice');
  t.same(await set.tokens.list(set.alice.id), []);
});

t.test('a token that ends while it is read is not right any more', async (t) => {
  const set = await stage();
  const { tokens, store, accounts, alice } = set;
  const [one, two, three] = [await set.text(), await set.text(), await set.text()];
  store.interruption = () => tokens.end(alice.id, tokenParts(one).id);
  t.equal(await set.check(one), 'alice');
  store.interruption = () => tokens.end(alice.id, tokenParts(one).id);
  t.match(await set.check(two), { user: { name: 'alice' } }, 'another one stays');
  store.interruption = () => accounts.change(alice, { state: 'disabled' });
  t.match(await set.check(two), { user: { state: 'disabled' } }, 'the user as it is by then');
  store.interruption = () => accounts.change(alice, { endTokens: { except: tokenParts(two).id } });
  t.equal(await set.check(three), undefined);
  t.match(await set.check(two), { token: { id: tokenParts(two).id } });
});

t.test('no token that is being made outlasts a change that ends all of them', async (t) => {
  for (const isFirst of [true, false]) {
    const set = await stage();
    const change = (): Promise<boolean> => set.accounts.change(set.alice, { endTokens: {} });
    const [made] = isFirst
      ? await Promise.all([set.make(), change()])
      : (await Promise.all([change(), set.make()])).reverse();
    t.equal(made, 'gone', isFirst ? 'the token first' : 'the change first');
    t.same(await set.store.list(set.alice.id), []);
    t.match(await set.make(), { text: String }, 'later ones are');
  }
});

t.test('a use is stored once a minute at most, and shown at once', async (t) => {
  const set = await stage();
  const stored: (readonly TokenRecord[])[] = [];
  let fails = false;
  const kept = {
    markUsed: async (used: readonly TokenRecord[]): Promise<void> => {
      if (fails) throw new StoreFailure('the disk is full');
      stored.push(used);
      await set.store.markUsed(used);
    },
    removeExpired: async () => [],
  };
  const upkeep = new TokenUpkeep(kept, () => undefined);
  const made = await set.make();
  if (typeof made === 'string') throw new Error(made);
  const current = async (): Promise<TokenRecord> => (await set.store.find(made.token.id))?.token ?? made.token;
  upkeep.used(await current(), 5000);
  upkeep.used(await current(), 6000);
  t.equal(upkeep.lastUseOf(made.token), 5000);
  fails = true;
  await upkeep.run();
  fails = false;
  await upkeep.run();
  t.match(stored, [[{ id: made.token.id, lastUsed: 5000 }]], 'what failed is tried again');
  upkeep.used(await current(), 64_999);
  await upkeep.run();
  t.equal(stored.length, 1);
  upkeep.used(await current(), 65_000);
  await upkeep.close();
  t.equal((await current()).lastUsed, 65_000, 'the end stores what waits');
});

t.test('all that has expired is removed, some at a time, and its sessions are told of', async (t) => {
  const all: ExpiredToken[] = Array.from({ length: 250 }, (_, each) => ({ id: `token-${each}`, user: 'alice' }));
  const ended: ExpiredToken[] = [];
  const upkeep = new TokenUpkeep(
    { markUsed: async () => undefined, removeExpired: async (_now, most) => all.splice(0, most) },
    (tokens) => ended.push(...tokens),
  );
  await Promise.all([upkeep.run(), upkeep.run()]);
  t.same([all.length, ended.length], [0, 250]);
  await upkeep.close();
});

t.test('a making is ended by a change of its user that runs, or begins until it is done', async (t) => {
  const endings = new Endings();
  const before = endings.making(1);
  const [first, second, other] = [endings.begin(1), endings.begin(1), endings.begin(2)];
  const during = endings.making(1);
  first();
  const still = endings.making(1);
  second();
  const after = endings.making(1);
  t.same([before.isEnded, during.isEnded, still.isEnded, after.isEnded], [true, true, true, false]);
  t.equal(endings.making(2).isEnded, true);
  other();
  t.equal(endings.making(2).isEnded, false);
  endings.begin(1)();
  t.equal(after.isEnded, true, 'a change that began and ended meanwhile');
  t.equal(endings.making(1).isEnded, false);
});

t.test('a making that is done is told of nothing more, and others of its user are', async (t) => {
  const endings = new Endings();
  const [one, two] = [endings.making(1), endings.making(1)];
  one.done();
  endings.begin(1)();
  t.same([one.isEnded, two.isEnded], [false, true]);
  const three = endings.making(1);
  two.done();
  endings.begin(1)();
  t.equal(three.isEnded, true);
  three.done();
  const four = endings.making(1);
  // Called once more by mistake, it must not take away a later one.
  three.done();
  endings.begin(1)();
  t.same([three.isEnded, four.isEnded], [true, true]);
});

t.test('a round is stored by the hundred, with pauses, and at the end by the two thousand', async (t) => {
  const timers = new TestClock(t);
  const marked: number[] = [];
  const store = {
    markUsed: async (used: readonly TokenRecord[]): Promise<void> => void marked.push(used.length),
    removeExpired: async () => [],
  };
  const upkeep = new TokenUpkeep(store, () => t.fail('nothing has expired'));
  const use = (count: number): void => {
    for (let each = 0; each < count; each += 1)
      upkeep.used({ id: `token-${each}`, lastUsed: undefined } as unknown as TokenRecord, 7);
  };
  use(250);
  await upkeep.run();
  t.same(marked.splice(0), [100, 100, 50]);
  use(50_001);
  t.same(
    [49_999, 50_000].map((each) => upkeep.lastUseOf({ id: `token-${each}` } as TokenRecord)),
    [7, undefined],
    'what has no place is not recorded',
  );
  await upkeep.close();
  t.same(marked, Array(25).fill(2000));
  t.same(timers.running, []);
});

t.test(
  'rounds run once a minute until the end, and a use is one that is a minute away in either direction',
  async (t) => {
    const rounds: (() => void)[] = [];
    let cleared: unknown;
    const timer = { unref: () => timer };
    t.intercept(globalThis, 'setInterval', {
      value: (act: () => void, milliseconds: number) => {
        t.equal(milliseconds, 60_000);
        rounds.push(act);
        return timer;
      },
    });
    t.intercept(globalThis, 'clearInterval', { value: (which: unknown) => (cleared = which) });
    const marked: unknown[] = [];
    let expired = 0;
    const upkeep = new TokenUpkeep(
      {
        markUsed: async (used) => void marked.push(...used.map(({ id, lastUsed }) => [id, lastUsed])),
        removeExpired: async (now, most) => {
          t.same([now, most], [5, 100]);
          expired += 1;
          return [];
        },
      },
      () => undefined,
      () => 5,
    );
    const token = { id: 'one', lastUsed: 100_000 } as TokenRecord;
    for (const at of [40_001, 159_999]) upkeep.used(token, at);
    t.equal(upkeep.lastUseOf(token), 100_000);
    upkeep.used(token, 40_000);
    t.equal(upkeep.lastUseOf(token), 40_000, 'a clock that went back');
    rounds[0]?.();
    await upkeep.run();
    t.same([rounds.length, marked, expired], [1, [['one', 40_000]], 1]);
    t.equal(upkeep.lastUseOf(token), 100_000, 'the store has it now');
    await upkeep.close();
    t.equal(cleared, timer);
  },
);

t.test('a round that the end interrupts removes nothing more', async (t) => {
  let asked = 0;
  const upkeep = new TokenUpkeep(
    {
      markUsed: async () => undefined,
      removeExpired: async (_now, most) => {
        asked += 1;
        return Array.from({ length: most }, (_, each) => ({ id: `token-${each}`, user: 'alice' }));
      },
    },
    () => void upkeep.close(),
  );
  await upkeep.run();
  t.equal(asked, 1);
});

t.test('a token that is made, refused or failed is being made no longer', async (t) => {
  const { accounts, alice, store } = await stage();
  let [begun, done] = [0, 0];
  const endings = {
    making: () => {
      begun += 1;
      return { isEnded: false, done: () => void (done += 1) };
    },
  };
  let outcome: () => ReturnType<TokenStore['add']> = async () => 'full';
  const faulty = Object.assign(Object.create(store) as TokenStore, { add: () => outcome() });
  const upkeep = { used: () => undefined, lastUseOf: () => undefined } as unknown as TokenUpkeep;
  const tokens = new Tokens(faulty, { changes: accounts.changes, endings: endings as unknown as Endings }, upkeep);
  const make = (): ReturnType<Tokens['create']> =>
    tokens.create({ user: alice.id, parent: undefined, label: '', settings: '', expiresIn: undefined }, 1, payer);
  t.same([await make(), begun, done], ['full', 1, 1]);
  outcome = async () => 'gone';
  t.same([await make(), begun, done], ['gone', 2, 2]);
  outcome = () => Promise.reject(new StoreFailure('the disk is full'));
  await t.rejects(make(), { message: 'the disk is full' });
  t.same([begun, done], [3, 3]);
  outcome = async () => ({ id: 'one' }) as TokenRecord;
  t.match(await make(), { text: String, token: { id: 'one' } });
  t.same([begun, done], [4, 4]);
});
