// Tests Accounts over a store in memory: creating users, logging in and changing passwords.
import t from 'tap';
import { Accounts } from '../../src/accounts/accounts.js';
import { Passwords } from '../../src/accounts/passwords.js';
import type { UserRecord } from '../../src/store/directory.js';
import { MemoryStore } from '../../src/store/memory/store.js';

const alice = { username: 'Alice', firstName: 'A', lastName: 'B', password: 'correct horse' } as const;

interface Setup {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly find: () => Promise<UserRecord>;
}

async function begin(): Promise<Setup> {
  const { directory } = new MemoryStore();
  const passwords = new Passwords({ logN: 4, r: 8, p: 1 }, 4);
  const accounts = new Accounts(directory, passwords);
  t.equal(await accounts.create(alice), 'Alice', 'the name as it is stored');
  const find = async (): Promise<UserRecord> => {
    const user = await directory.findUser('alice');
    if (user === undefined) throw new Error('there is no alice');
    return user;
  };
  return { accounts, passwords, find };
}

t.test('a name is taken in every spelling', async (t) => {
  const { accounts } = await begin();
  for (const username of ['Alice', 'alice', 'ALICE']) t.equal(await accounts.create({ ...alice, username }), undefined);
  t.match(await accounts.authenticate('ALICE', alice.password), { name: 'Alice' });
});

t.test('of two requests for one name at the same time only one succeeds', async (t) => {
  const { accounts } = await begin();
  const asked = await Promise.all(['bob', 'BOB'].map((username) => accounts.create({ ...alice, username })));
  t.equal(asked.filter((name) => name !== undefined).length, 1);
});

t.test('a client that is evicted while its password is hashed gets no account', async (t) => {
  const { accounts } = await begin();
  t.equal(await accounts.create({ ...alice, username: 'mallory' }, undefined, () => false), undefined);
  t.same(await accounts.authenticate('mallory', alice.password), { tried: undefined });
});

t.test('after a change only the new password is accepted', async (t) => {
  const { accounts, find } = await begin();
  t.equal(await accounts.setPassword(await find(), 'battery staple'), true);
  t.same(await accounts.authenticate('alice', alice.password), { tried: 'Alice' });
  t.match(await accounts.authenticate('alice', 'battery staple'), { name: 'Alice' });
});

t.test('a deleted user can not be changed', async (t) => {
  const { accounts, find } = await begin();
  const user = await find();
  t.equal(await accounts.change(user, { state: 'deleted', password: new Uint8Array() }), true);
  t.equal(await accounts.setPassword(user, 'battery staple'), false);
  t.same(await accounts.authenticate('alice', 'battery staple'), { tried: 'Alice' });
});

t.test('only active users can log in by a certificate', async (t) => {
  const { accounts, find } = await begin();
  t.match(await accounts.withoutPassword('ALICE'), { name: 'Alice' });
  t.equal(await accounts.withoutPassword('bob'), undefined);
  await accounts.change(await find(), { state: 'disabled' });
  t.equal(await accounts.withoutPassword('alice'), undefined);
});

t.test('a password that an operator sets has a turn of its own in the queue', async (t) => {
  const { accounts, passwords, find } = await begin();
  const user = await find();
  const order: string[] = [];
  const note = (what: string) => (): void => void order.push(what);
  const asked = [1, 2, 3, 4, 5].map((number) => passwords.hash('x').then(note(`client ${number}`)));
  asked.push(accounts.setPassword(user, 'battery staple').then(note('operator')));
  t.same(accounts.load, { running: 2, waiting: 4 });
  await Promise.all(asked);
  t.ok(order.indexOf('operator') < order.indexOf('client 5'), "it does not wait for all of another asker's passwords");
});

t.test('after close no password is checked', async (t) => {
  const { accounts, find } = await begin();
  const user = await find();
  accounts.close();
  const busy = { message: 'too many passwords wait to be checked' };
  await t.rejects(accounts.authenticate('alice', alice.password), busy);
  await t.rejects(accounts.setPassword(user, 'battery staple'), busy);
});
