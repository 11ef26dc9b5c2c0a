// A change of a user that finishes while the user is read: the read may show what was before, so it is made again.
import t from 'tap';
import { Accounts } from '../../src/accounts/accounts.js';
import { Passwords } from '../../src/accounts/passwords.js';
import { MemoryStore } from '../../src/store/memory.js';
import type { Entry, User } from '../../src/store/store.js';

/**
 * A store whose next answer about a user comes late: it was read before, and is handed over when `release` is called.
 */
class LateStore extends MemoryStore<Entry> {
  #held: Promise<void> | undefined;
  reads = 0;

  /** Holds back what the next read finds, and answers how to hand it over. */
  holdNext(): () => void {
    let release = (): void => undefined;
    this.#held = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  override async findUser(key: string): Promise<User | undefined> {
    this.reads += 1;
    const [found, held] = [await super.findUser(key), this.#held];
    this.#held = undefined;
    await held;
    return found;
  }
}

async function begin(): Promise<{ readonly store: LateStore; readonly accounts: Accounts; readonly alice: User }> {
  const store = new LateStore();
  const accounts = new Accounts(store, new Passwords({ logN: 4, r: 1, p: 1 }, 8));
  await accounts.create({ username: 'alice', firstName: 'Alice', lastName: 'Liddell', password: 'rabbit-hole' });
  const alice = await store.findUser('alice');
  if (alice === undefined) throw new Error('she is not there');
  store.reads = 0;
  return { store, accounts, alice };
}

t.test('a user that is disabled while it is read does not come in', async (t) => {
  const { store, accounts, alice } = await begin();
  const release = store.holdNext();
  const login = accounts.withoutPassword('alice');
  t.equal(await accounts.change(alice, { state: 'disabled' }), true);
  release();
  t.equal(await login, undefined);
  t.equal(store.reads, 2);
});

t.test(
  'each change that finishes during a read makes it read again, and one that finished before does not',
  async (t) => {
    const { store, accounts, alice } = await begin();
    await accounts.change(alice, { state: 'disabled' });
    await accounts.change(alice, { state: 'active' });
    t.match(await accounts.withoutPassword('alice'), { name: 'alice' });
    t.equal(store.reads, 1);
    const first = store.holdNext();
    const login = accounts.withoutPassword('alice');
    await accounts.change(alice, { state: 'disabled' });
    const second = store.holdNext();
    first();
    await accounts.change(alice, { state: 'active' });
    second();
    t.match(await login, { name: 'alice' });
    t.equal(store.reads, 4, 'the first read, that during which the second change came, and the last');
  },
);
