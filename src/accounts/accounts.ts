// Users: making them and finding out whether somebody is one.
import type { Directory, UserChange, UserRecord } from '../store/directory.js';
import { StoreAway, StoreFailure } from '../store/store.js';
import { nameForms, nameKey } from '../text/names.js';
import { PasswordsBusy, type Passwords } from './passwords.js';

export interface NewAccount {
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password: string;
}

type AccountStore = Pick<Directory, 'createUser' | 'findUser' | 'isTaken' | 'changeUser' | 'passwordHeads'>;

/** Whose turn in the queue of passwords a check takes: an address, say. */
type Asker = string;

export class Accounts {
  readonly #store: AccountStore;
  readonly #passwords: Passwords;
  /** How often a user was changed. */
  #changes = 0;

  constructor(store: AccountStore, passwords: Passwords) {
    this.#store = store;
    this.#passwords = passwords;
  }

  /**
   * Makes a user and answers the name that is kept; undefined where it is taken or looks like a taken one, and where
   * it is not `wanted` any more when the password is hashed, since whoever asked was put out.
   */
  async create(
    { username, firstName, lastName, password }: NewAccount,
    asker?: Asker,
    wanted = (): boolean => true,
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
   * The user whose name and password these are, if it may come in; else the name of the user that was tried, if there
   * is one. A refusal takes the same time whatever it is for. Rejects with PasswordsBusy and StoreFailure.
   * @param renews whether an outdated hash of that user is made anew, which takes time: not where the user is refused
   * for something else
   */
  async authenticate(
    username: string,
    password: string,
    asker?: Asker,
    renews: (user: UserRecord) => boolean = () => true,
  ): Promise<UserRecord | { readonly tried: string | undefined }> {
    const key = nameKey(username);
    for (;;) {
      // Before the user: a cost that its hash has since then is that of new hashes, which is always among them.
      const heads = await this.#store.passwordHeads();
      const user = await this.#store.findUser(key);
      const hash = user?.state === 'deleted' ? undefined : user?.password;
      const verdict = await this.#passwords.verify(password, hash, asker, heads);
      const comes = verdict !== 'wrong' && user?.state === 'active';
      const isRenewed = comes && verdict === 'outdated' && renews(user);
      const kept = isRenewed ? await this.#renew(user, password, asker) : hash;
      // A hash takes so long that the user may be disabled meanwhile, or have another password: then that one decides.
      // Whoever is refused waits for the same answer.
      const now = await this.#asChanged(key);
      if (!comes || now?.state !== 'active') return { tried: user?.name };
      if (kept !== undefined && Buffer.compare(now.password, kept) === 0) return user;
    }
  }

  /** The user of that name if it may come in, whose password somebody else has seen to. */
  async withoutPassword(username: string): Promise<UserRecord | undefined> {
    const user = await this.#asChanged(nameKey(username));
    return user?.state === 'active' ? user : undefined;
  }

  /**
   * From the moment when this fulfils, nobody comes in by what was before. Answers false where the user is deleted by
   * then: that is for good.
   */
  async change(user: UserRecord, change: UserChange): Promise<boolean> {
    const changed = await this.#store.changeUser(user.id, change);
    this.#changes += 1;
    return changed === 'changed';
  }

  /** As `change`. */
  async setPassword(user: UserRecord, password: string): Promise<boolean> {
    return this.change(user, { password: await this.#passwords.hash(password, 'operator') });
  }

  /** Password hashes that run, and that wait. */
  get load(): Passwords['load'] {
    return this.#passwords.load;
  }

  /** Checks no more passwords: those that wait are told to come back. */
  close(): void {
    this.#passwords.close();
  }

  /**
   * The user, read when no change was on its way to whoever asked for it: what was read before a change can come after
   * it.
   */
  async #asChanged(key: string): Promise<UserRecord | undefined> {
    for (;;) {
      const changes = this.#changes;
      const user = await this.#store.findUser(key);
      if (changes === this.#changes) return user;
    }
  }

  /**
   * Answers the hash that is kept, unless somebody changed it. One that can't be renewed now is as good as it was: the
   * next login tries again.
   */
  async #renew({ id, version, password: old }: UserRecord, password: string, asker?: Asker): Promise<Uint8Array> {
    try {
      const hash = await this.#passwords.hash(password, asker);
      await this.#store.changeUser(id, { password: hash }, version);
      return hash;
    } catch (error) {
      const isForNow = [PasswordsBusy, StoreFailure, StoreAway].some((kind) => error instanceof kind);
      if (!isForNow) throw error;
      return old;
    }
  }
}
