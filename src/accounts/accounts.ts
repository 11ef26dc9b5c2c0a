// Creates users, checks their passwords and changes them. These are one file because a login has to notice a change
// that finished meanwhile. The store keeps the users, and passwords.ts hashes.
import type { Changed, Directory, UserChange, UserRecord, Version } from '../store/directory.js';
import { endedTokens } from '../store/tokens.js';
import { atOnce, StoreAway, StoreBusy, StoreFailure, type TakeTurn } from '../store/store.js';
import { nameForms, nameKey } from '../text/names.js';
import type { Payer } from '../turns/payer.js';
import { Endings } from './endings.js';
import { operatorAddress, type HashAsker } from './hash-queue.js';
import { PasswordsBusy, type Passwords } from './passwords.js';
import type { InvitationStore } from '../store/invitations.js';

/** The fields of a new account. They have passed their checks (PROTOCOL.md §6). */
export interface NewAccount {
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password: string;
}

type AccountStore = Pick<
  Directory,
  'createUser' | 'findUser' | 'isTaken' | 'changeUser' | 'deleteUser' | 'passwordHeads'
>;

/**
 * The address of whoever asks for a hash, as limits count addresses. An operator's is `operatorAddress`
 * (hash-queue.ts).
 */
type Address = string;

/** The invitation is worth nothing, or was used up meanwhile. Nothing was created. */
export class Uninvited extends Error {}

/** Creates users, checks their passwords, and changes them. */
export class Accounts {
  readonly #store: AccountStore;
  readonly #passwords: Passwords;
  /** The changes under way that end all tokens of a user. */
  readonly endings = new Endings();
  readonly #invitations: Pick<InvitationStore, 'register'> | undefined;
  /** Counts finished changes of users, so that a read can tell whether one finished meanwhile. */
  #changes = 0;

  /** @param invitations registers those who are invited; undefined where nobody is */
  constructor(store: AccountStore, passwords: Passwords, invitations?: Pick<InvitationStore, 'register'>) {
    this.#store = store;
    this.#passwords = passwords;
    this.#invitations = invitations;
  }

  /** How many changes of users have finished. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * Creates a user. Answers the name as it is stored, or undefined where it is taken or looks like a taken one.
   * Rejects with PasswordsBusy, and as the store does.
   * @param wanted is called when the password is hashed. Where it answers false, because the session was evicted
   * meanwhile for example, nothing is created, and the answer is undefined
   * @param inTurn reads at the turn of whoever asks
   * @param invitation the hash of the invitation that this uses up, where one is needed. Rejects with Uninvited
   * where it is worth nothing by then
   */
  async create(
    { username, firstName, lastName, password }: NewAccount,
    address: Address = '',
    wanted = (): boolean => true,
    inTurn: TakeTurn = atOnce,
    invitation?: Uint8Array,
  ): Promise<string | undefined> {
    const forms = nameForms(username);
    // Before the hash, which is expensive. The store decides again, since two may ask for one name at once.
    if (await inTurn(() => this.#store.isTaken(forms))) return undefined;
    const hash = await this.#passwords.hash(password, { address, account: forms.key });
    if (!wanted()) return undefined;
    const user = { ...forms, firstName, lastName, password: hash };
    const payer = payerOf({ address, account: '' });
    if (invitation === undefined || this.#invitations === undefined)
      return (await this.#store.createUser(user, payer)) === undefined ? undefined : forms.name;
    const registered = await this.#invitations.register(user, invitation, payer);
    if (registered === 'uninvited') throw new Uninvited();
    return registered === 'taken' ? undefined : forms.name;
  }

  /**
   * Checks a password. Answers the user, if it may log in; `disabled` where the password is right and the user may not;
   * else the stored name of the user that was tried, if there is one. A refusal takes the same time whatever the
   * reason. Rejects with PasswordsBusy, and as the store does.
   * @param renews whether to replace an outdated hash of that user. It takes time, so not where the user will be
   * refused for another reason
   * @param inTurn reads at the turn of whoever asks
   */
  async authenticate(
    username: string,
    password: string,
    address: Address = '',
    renews: (user: UserRecord) => boolean = () => true,
    inTurn: TakeTurn = atOnce,
  ): Promise<UserRecord | { readonly tried: string | undefined } | { readonly disabled: UserRecord }> {
    const key = nameKey(username);
    const asker = { address, account: key };
    for (;;) {
      const { heads, user } = await inTurn(() => this.#readForCheck(key));
      const hash = user?.state === 'deleted' ? undefined : user?.password;
      const verdict = await this.#passwords.verify(password, hash, asker, heads);
      const isRight = verdict !== 'wrong' && user !== undefined && user.state !== 'deleted';
      const isRenewed = isRight && verdict === 'outdated' && user.state === 'active' && renews(user);
      const checked = isRenewed ? await this.#renew(user, password, asker) : hash;
      // Hashing takes so long that the user may have been disabled meanwhile, or have another password. Then the check
      // starts again with that one. A refusal reads the user again too, so that it takes the same time.
      const now = await this.#readUnchanged(key, inTurn);
      if (!isRight || now === undefined || now.state === 'deleted') return { tried: user?.name };
      if (checked === undefined || Buffer.compare(now.password, checked) !== 0) continue;
      if (now.state === 'disabled') return { disabled: now };
      this.#passwords.loggedIn(address);
      return user;
    }
  }

  /** Finds the user of that name for a login by certificate. Undefined where the user may not log in. */
  async withoutPassword(username: string, inTurn: TakeTurn = atOnce): Promise<UserRecord | undefined> {
    const user = await this.#readUnchanged(nameKey(username), inTurn);
    return user?.state === 'active' ? user : undefined;
  }

  /**
   * Changes a user. When this has fulfilled, nobody can log in by what the user had before. False, without a change,
   * where the user is deleted by then.
   */
  async change(user: UserRecord, change: UserChange): Promise<boolean> {
    const finish = endedTokens(change) === undefined ? undefined : this.endings.begin(user.id);
    try {
      const changed = await this.#store.changeUser(user.id, change);
      this.#changes += 1;
      return changed === 'changed';
    } finally {
      finish?.();
    }
  }

  /** Changes the user's password, as `change` does, and ends all its tokens. Rejects with PasswordsBusy, too. */
  async setPassword(user: UserRecord, password: string): Promise<boolean> {
    return this.change(user, {
      password: await this.#passwords.hash(password, { address: operatorAddress, account: user.key }),
      endTokens: {},
    });
  }

  /** Gives the address what those have from which a login succeeded lately (hash-queue.ts). */
  loggedIn(address: Address): void {
    this.#passwords.loggedIn(address);
  }

  /**
   * Gives a user who has just shown its password another one, and ends its tokens but `token`. False, without a change,
   * where the user was deleted, disabled or given another password meanwhile, or nobody wants the change any more. When
   * this has fulfilled, nobody can log in by what the user had before. Rejects with PasswordsBusy, and as the store
   * does.
   * @param user as it was when its password was checked
   * @param wanted is called when the password is hashed
   */
  async changePassword(
    user: UserRecord,
    password: string,
    address: Address,
    token: string | undefined,
    wanted: () => boolean,
  ): Promise<boolean> {
    const asker = { address, account: user.key };
    const change = { password: await this.#passwords.hash(password, asker), endTokens: { except: token } };
    return this.#changeSamePassword(
      user,
      ({ state }) => state === 'active' && wanted(),
      (version) => this.#store.changeUser(user.id, change, version, payerOf(asker)),
    );
  }

  /**
   * Deletes a user, as `Directory.deleteUser` does. False, without a change, where it was deleted meanwhile, or has
   * another password than it had when it was read. When this has fulfilled, nobody can log in as the user.
   */
  delete(user: UserRecord, erases: boolean, payer?: Payer): Promise<boolean> {
    return this.#changeSamePassword(
      user,
      ({ state }) => state !== 'deleted',
      (version) => this.#store.deleteUser(user.id, erases, version, payer),
    );
  }

  /** How many password hashes run, and how many wait. */
  get load(): Passwords['load'] {
    return this.#passwords.load;
  }

  /** Checks no more passwords. Those that wait reject with PasswordsBusy. */
  close(): void {
    this.#passwords.close();
  }

  /** Reads what a password is checked by. */
  async #readForCheck(
    key: string,
  ): Promise<{ readonly heads: readonly Uint8Array[]; readonly user: UserRecord | undefined }> {
    // Before the user is read: a hash that the user gets later has the cost of new hashes, which is always tried.
    const heads = await this.#store.passwordHeads();
    return { heads, user: await this.#store.findUser(key) };
  }

  /** Reads a user. Re-reads until no change finished during the read. */
  async #readUnchanged(key: string, inTurn: TakeTurn): Promise<UserRecord | undefined> {
    for (;;) {
      const changes = this.#changes;
      const user = await inTurn(() => this.#store.findUser(key));
      if (changes === this.#changes) return user;
    }
  }

  /**
   * Makes a change that ends the tokens of a user, as long as the user has the password that it had when it was read.
   * Tries again where another change came between. Answers whether it was made.
   * @param isWanted is called before each attempt with the user as it is then
   * @param change hands the change to the store, for the version that the user has
   */
  async #changeSamePassword(
    user: UserRecord,
    isWanted: (now: UserRecord) => boolean,
    change: (version: Version) => Promise<Changed>,
  ): Promise<boolean> {
    const finish = this.endings.begin(user.id);
    try {
      let now: UserRecord | undefined = user;
      while (now !== undefined && Buffer.compare(now.password, user.password) === 0 && isWanted(now)) {
        const changed = await change(now.version);
        this.#changes += 1;
        if (changed !== 'stale') return changed === 'changed';
        now = await this.#store.findUser(user.key);
      }
      return false;
    } finally {
      finish();
    }
  }

  /**
   * Replaces an outdated hash. Answers the hash that the user has then, unless somebody else changed it meanwhile.
   * Where it can't be replaced now the old one stays, and the next login tries again.
   */
  async #renew({ id, version, password: old }: UserRecord, password: string, asker: HashAsker): Promise<Uint8Array> {
    try {
      const hash = await this.#passwords.hash(password, asker);
      await this.#store.changeUser(id, { password: hash }, version, payerOf(asker));
      return hash;
    } catch (error) {
      const isForNow = [PasswordsBusy, StoreFailure, StoreAway, StoreBusy].some((kind) => error instanceof kind);
      if (!isForNow) throw error;
      return old;
    }
  }
}

/** Who pays for what the store does for the asker of a hash. */
function payerOf({ address, account }: HashAsker): Payer {
  return { payerClass: address === operatorAddress ? 'operator' : 'user', payerAddress: address, payerUser: account };
}
