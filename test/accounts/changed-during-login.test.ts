// Logins that meet a change of the account: whoever comes in does so by what the account is when the change is finished.
import t from 'tap';
import { Accounts } from '../../src/accounts/accounts.js';
import { Passwords } from '../../src/accounts/passwords.js';
import type { UserChange, UserRecord } from '../../src/store/directory.js';
import { MemoryDirectory } from '../../src/store/memory/directory.js';
import { MemoryStore } from '../../src/store/memory/store.js';

/** Runs what a test says after a user was read and before whoever asked for it is answered. */
class InterruptedDirectory extends MemoryDirectory {
  readonly interruptions: ((() => Promise<void>) | undefined)[] = [];
  reads = 0;

  override async findUser(key: string): Promise<UserRecord | undefined> {
    this.reads += 1;
    const user = await super.findUser(key);
    await this.interruptions.shift()?.();
    return user;
  }
}

const alice = { username: 'alice', firstName: 'A', lastName: 'B', password: 'correct horse' } as const;

async function startAccounts(): Promise<{
  readonly directory: InterruptedDirectory;
  readonly accounts: Accounts;
  readonly change: (change: UserChange) => () => Promise<void>;
}> {
  const { data, commits } = new MemoryStore();
  const directory = new InterruptedDirectory(data, commits);
  const accounts = new Accounts(directory, new Passwords({ logN: 10, r: 8, p: 1 }, 10));
  await accounts.create(alice);
  const user = await directory.findUser('alice');
  if (user === undefined) throw new Error('alice was not created');
  directory.reads = 0;
  return {
    directory,
    accounts,
    change: (change) => async () => {
      await accounts.change(user, change);
    },
  };
}

t.test('a change that finishes while the user is read again is seen by the login', async (t) => {
  const { directory, accounts, change } = await startAccounts();
  directory.interruptions.push(undefined, change({ state: 'disabled' }));
  t.same(await accounts.authenticate(alice.username, alice.password), { tried: 'alice' });
  t.equal(directory.reads, 3, 'the user is read until no change finished during the read');
});

t.test('it is read as often as changes finish, and the last one decides', async (t) => {
  const { directory, accounts, change } = await startAccounts();
  directory.interruptions.push(
    undefined,
    change({ state: 'disabled' }),
    change({ state: 'active' }),
    change({ lastName: 'C' }),
  );
  t.match(await accounts.authenticate(alice.username, alice.password), { name: 'alice', state: 'active' });
  t.equal(directory.reads, 5);
});

t.test('a user whose certificate names it is read again as well', async (t) => {
  const { directory, accounts, change } = await startAccounts();
  directory.interruptions.push(change({ state: 'disabled' }));
  t.equal(await accounts.withoutPassword('alice'), undefined);
  t.equal(directory.reads, 2);
});

t.test('an undisturbed login reads the user twice', async (t) => {
  const { directory, accounts } = await startAccounts();
  t.match(await accounts.authenticate(alice.username, alice.password), { name: 'alice' });
  t.equal(directory.reads, 2);
});
