// Tests logins during which the account changes: the account's state after the change decides.
import t from 'tap';
import { Accounts } from '../../src/accounts/accounts.js';
import { Passwords } from '../../src/accounts/passwords.js';
import type { UserChange, UserRecord } from '../../src/store/directory.js';
import { MemoryDirectory } from '../../src/store/memory/directory.js';
import { MemoryStore } from '../../src/store/memory/store.js';

/** A directory that runs the next interruption after it has read a user and before it returns the user. */
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
  t.match(await accounts.authenticate(alice.username, alice.password), { disabled: { name: 'alice' } });
  t.equal(directory.reads, 3, 'the user is read until no change finished during the read');
});

t.test('the user is read again after each change that finishes, and the last state decides', async (t) => {
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

t.test('a login by a certificate reads the user again too', async (t) => {
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
