// Tests Accounts over a store in memory: creating users, logging in and changing passwords.
import { createHash } from 'node:crypto';
import t from 'tap';
import { Accounts, Uninvited } from '../../src/accounts/accounts.js';
import { operatorAddress } from '../../src/accounts/hash-queue.js';
import { invitationHash, makeInvitation } from '../../src/accounts/invitations.js';
import { Passwords } from '../../src/accounts/passwords.js';
import type { UserRecord } from '../../src/store/directory.js';
import type { InvitationStore } from '../../src/store/invitations.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import type { Payer } from '../../src/turns/payer.js';

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

t.test('an invitation is used up with the name as it is stored, at the cost of its address', async (t) => {
  const { passwords } = await begin();
  const asked: unknown[][] = [];
  let outcome: Awaited<ReturnType<InvitationStore['register']>> = 'uninvited';
  const { directory } = new MemoryStore();
  const accounts = new Accounts(directory, passwords, {
    register: async (...words) => {
      asked.push(words);
      return outcome;
    },
  });
  const invitation = Buffer.from('an invitation');
  const create = (): Promise<string | undefined> =>
    accounts.create(alice, '192.0.2.1', undefined, undefined, invitation);
  t.ok((await create().catch((error: unknown) => error)) instanceof Uninvited);
  outcome = 'taken';
  t.equal(await create(), undefined);
  outcome = 7;
  t.equal(await create(), 'Alice');
  t.match(asked[0], [
    { name: 'Alice', key: 'alice', firstName: 'A', lastName: 'B' },
    invitation,
    { payerClass: 'user', payerAddress: '192.0.2.1', payerUser: '' },
  ]);
  t.equal(await directory.findUser('alice'), undefined, 'it is the invitations that create');
  t.equal(await accounts.create(alice), 'Alice', 'and nobody else needs one');
});

t.test('a change that another one has come before is made again, of the user as it is then', async (t) => {
  const { directory } = new MemoryStore();
  const passwords = new Passwords({ logN: 4, r: 8, p: 1 }, 4);
  await new Accounts(directory, passwords).create(alice);
  const user = await directory.findUser('alice');
  if (user === undefined) throw new Error('there is no alice');
  const versions: (number | undefined)[] = [];
  let [stales, found] = [1, { ...user, version: 7 } as UserRecord | undefined];
  const outcome = (version: number | undefined): 'stale' | 'changed' =>
    versions.push(version) <= stales ? 'stale' : 'changed';
  const accounts = new Accounts(
    {
      createUser: directory.createUser.bind(directory),
      isTaken: directory.isTaken.bind(directory),
      passwordHeads: directory.passwordHeads.bind(directory),
      findUser: async () => found,
      changeUser: async (_id, _change, version) => outcome(version),
      deleteUser: async (_id, _erases, version) => outcome(version),
    },
    passwords,
  );
  let asked = 0;
  const wanted = (): boolean => (asked += 1) < 3;
  const change = (): Promise<boolean> => accounts.changePassword(user, 'x', '192.0.2.1', undefined, wanted);
  t.equal(await change(), true);
  t.equal(await accounts.delete(user, true), true);
  t.same([versions.splice(0), accounts.changes], [[user.version, 7, user.version], 3]);
  stales = 9;
  found = { ...user, password: Buffer.from('another') };
  t.same([await accounts.delete(user, true), versions.splice(0)], [false, [user.version]]);
  asked = 0;
  t.same([await change(), versions.splice(0)], [false, [user.version]], 'it has another password');
  for (const state of ['deleted', 'disabled'] as const) {
    found = { ...user, state };
    asked = 0;
    t.same([await change(), versions.splice(0)], [false, [user.version]]);
  }
  found = { ...user, state: 'deleted' };
  t.same([await accounts.delete(user, true), versions.splice(0)], [false, [user.version]]);
  found = undefined;
  t.same([await accounts.delete(user, true), versions.splice(0)], [false, [user.version]]);
  found = { ...user, version: 8 };
  asked = 1;
  t.same([await change(), versions.splice(0)], [false, [user.version]], 'nobody wants it any more');
  t.equal(accounts.endings.making(user.id).isEnded, false, 'no change runs any more');
  asked = 0;
  const making = accounts.endings.making(user.id);
  await change();
  t.equal(making.isEnded, true);
});

t.test('an operator pays as one, and others by their addresses', async (t) => {
  const { directory } = new MemoryStore();
  const payers: (Payer | undefined)[] = [];
  const createUser = directory.createUser.bind(directory);
  directory.createUser = (user, payer) => {
    payers.push(payer);
    return createUser(user, payer);
  };
  const accounts = new Accounts(directory, new Passwords({ logN: 4, r: 8, p: 1 }, 4));
  await accounts.create(alice, operatorAddress);
  await accounts.create({ ...alice, username: 'bob' }, '192.0.2.1');
  t.same(
    payers.map((payer) => [payer?.payerClass, payer?.payerAddress]),
    [
      ['operator', operatorAddress],
      ['user', '192.0.2.1'],
    ],
  );
});

t.test('an invitation has a secret whose hash alone is stored, and ends in time', async (t) => {
  t.intercept(Date, 'now', { value: () => 5000 });
  const added: unknown[] = [];
  const store = { add: async (each: unknown): Promise<void> => void added.push(each) };
  const { invitation, ...made } = await makeInvitation(store, 3, 10);
  t.match(made, { id: /^[0-9a-f]{12}$/, uses: 3, created: 5000, until: 15_000 });
  t.match(invitation, /^[A-Za-z0-9_-]{32}$/);
  const hash = createHash('sha256').update(invitation).digest();
  t.same(added, [{ ...made, hash }]);
  t.same(invitationHash(invitation), hash);
  t.equal((await makeInvitation(store, 1, undefined)).until, undefined);
});

t.test('a user who is deleted while its password is checked is not let in, whatever its record has', async (t) => {
  const { directory } = new MemoryStore();
  const passwords = new Passwords({ logN: 4, r: 8, p: 1 }, 4);
  await new Accounts(directory, passwords).create(alice);
  const user = await directory.findUser('alice');
  if (user === undefined) throw new Error('there is no alice');
  const findUser = directory.findUser.bind(directory);
  const accounts = new Accounts(directory, passwords);
  for (const [state, answer] of [
    ['deleted', { tried: 'Alice' }],
    ['disabled', { disabled: { ...user, state: 'disabled' } }],
  ] as const) {
    let reads = 0;
    directory.findUser = async () => ((reads += 1) === 1 ? user : { ...user, state });
    t.same(await accounts.authenticate('alice', alice.password), answer);
    t.equal(reads, 2);
  }
  directory.findUser = findUser;
  t.match(await accounts.authenticate('alice', alice.password), { name: 'Alice' });
});
