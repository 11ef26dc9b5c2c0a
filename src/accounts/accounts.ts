// Users: making them and finding out whether somebody is one.
import { StoreFailure, type Entry, type Name, type Store, type User, type UserChange } from '../store/store.js';
import { displayName, nameKey, skeleton } from './names.js';
import { PasswordsBusy, type Passwords } from './passwords.js';

export interface NewAccount {
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password: string;
}

/** Whose turn in the queue of passwords a check takes: an address, say. */
type Asker = string;

/** A name as it is stored: NFC, with the key that it is compared by and what it looks like (PROTOCOL.md §5.5). */
export function nameForms(name: string): Name {
  const key = nameKey(name);
  return { name: displayName(name), key, skeleton: skeleton(key) };
}

export class Accounts {
  readonly #store: Pick<Store<Entry>, 'createUser' | 'findUser' | 'isTaken' | 'changeUser'>;
  readonly #passwords: Passwords;
  /** How often a user was changed. */
  #changes = 0;

  constructor(store: Pick<Store<Entry>, 'createUser' | 'findUser' | 'isTaken' | 'changeUser'>, passwords: Passwords) {
    this.#store = store;
    this.#passwords = passwords;
  }

  /**
   * Makes a user and answers the name that is kept; undefined where it is taken or looks like a taken one, and where
   * it is not `wanted` any more when the password is hashed, since whoever asked was put out.
   */
  async create(
    { username, firstName, lastName, password }: NewAccount, asker?: Asker, wanted = (): boolean => true,
  ): Promise<string | undefined> {
    const forms = nameForms(username);
    // Before the hash, which is dear; the store decides again, since two may ask for one name at once.
    if (await this.#store.isTaken(forms)) return undefined;
    const hash = await this.#passwords.hash(password, asker);
    if (!wanted()) return undefined;
    const id = await this.#store.createUser({ ...forms, firstName, lastName, password: hash });
    return id === undefined ? undefined : forms.name;
  }

  /**
   * The user whose name and password these are, if it may come in, after the same time whether or not there is one of that name;
   * else the name of the user that was tried, if there is one.
   */
  async authenticate(username: string, password: string, asker?: Asker): Promise<User | { readonly tried: string | undefined }> {
    for (;;) {
      const user = await this.#store.findUser(nameKey(username));
      const right = await this.#passwords.verify(password, user?.state === 'deleted' ? undefined : user?.password, asker);
      if (!right || user?.state !== 'active') return { tried: user?.name };
      const kept = this.#passwords.isOutdated(user.password) ? await this.#renew(user, password, asker) : user.password;
      // A hash takes so long that the user may be disabled meanwhile, or have another password: then that one decides.
      const now = await this.#asChanged(user.key);
      if (now?.state !== 'active') return { tried: user.name };
      if (Buffer.compare(now.password, kept) === 0) return user;
    }
  }

  /** The user of that name if it may come in, whose password somebody else has seen to. */
  async withoutPassword(username: string): Promise<User | undefined> {
    const user = await this.#asChanged(nameKey(username));
    return user?.state === 'active' ? user : undefined;
  }

  /** From the moment when this fulfils, nobody comes in by what was before. */
  async change(user: User, change: UserChange): Promise<void> {
    await this.#store.changeUser(user.id, change);
    this.#changes += 1;
  }

  async setPassword(user: User, password: string): Promise<void> {
    await this.change(user, { password: await this.#passwords.hash(password, 'operator') });
  }

  /** Password hashes that run, and that wait. */
  get load(): Passwords['load'] {
    return this.#passwords.load;
  }

  /** Checks no more passwords: those that wait are told to come back. */
  close(): void {
    this.#passwords.close();
  }

  /** The user, read when no change was on its way to whoever asked for it: what was read before a change can come after it. */
  async #asChanged(key: string): Promise<User | undefined> {
    for (;;) {
      const changes = this.#changes;
      const user = await this.#store.findUser(key);
      if (changes === this.#changes) return user;
    }
  }

  /** Answers the hash that is kept, unless somebody changed it. One that can't be renewed now is as good as it was: the next login tries again. */
  async #renew({ id, password: old }: User, password: string, asker?: Asker): Promise<Uint8Array> {
    try {
      const hash = await this.#passwords.hash(password, asker);
      await this.#store.changeUser(id, { password: hash }, old);
      return hash;
    } catch (error) {
      if (!(error instanceof PasswordsBusy) && !(error instanceof StoreFailure)) throw error;
      return old;
    }
  }
}
