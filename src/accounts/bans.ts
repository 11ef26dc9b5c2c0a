// Bans of users, by their keys, and of networks. The store has them, and they are looked up in memory (ban-index.ts). A
// ban that has ended is never answered, and is removed when the next ban is added. Changes of different targets go to
// the store together.
import type { Ban, BanTarget, Directory, DirectoryListener } from '../store/directory.js';
import { BanIndex } from './ban-index.js';
import { banKey, networkOf } from './ban-name.js';

/**
 * The most bans at one time, which are all in memory. No setting: who bans more addresses than that bans networks, or
 * uses a firewall.
 */
const maxBans = 10_000;

/** A ban was not added, because there are `maxBans` already. */
export class TooManyBans extends Error {}

/** All bans. `now` is milliseconds since 1970. */
export class Bans implements Pick<DirectoryListener, 'banned' | 'unbanned'> {
  readonly #store: Pick<Directory, 'setBan' | 'removeBan'>;
  readonly #index = new BanIndex();
  /** The last change of each target that is under way, by `banKey`. The next one of that target waits for it. */
  readonly #changing = new Map<string, Promise<unknown>>();
  /** How many bans of new targets are under way. */
  #adding = 0;

  private constructor(store: Pick<Directory, 'setBan' | 'removeBan'>) {
    this.#store = store;
  }

  /** Reads all bans of the store, and watches for changes from then on. Rejects as the store does. */
  static async read(store: Pick<Directory, 'setBan' | 'removeBan' | 'listBans' | 'watch'>): Promise<Bans> {
    const bans = new Bans(store);
    store.watch(bans);
    for (const ban of await store.listBans()) {
      const same = bans.#index.find(ban);
      const shorter = same === undefined ? undefined : endOf(same) < endOf(ban) ? same : ban;
      // An older salond could store one network in two forms. The ban that ends later holds.
      if (shorter !== undefined) await store.removeBan(shorter);
      if (shorter !== ban) bans.#index.put(ban);
    }
    return bans;
  }

  /** The bans that hold, those of users first. */
  all(now = Date.now()): readonly Ban[] {
    return this.#index.all().filter((ban) => holds(ban, now));
  }

  /** The first bans that hold whose names come after `after`, `limit` at most, in the order of their names. */
  listAfter(after: string, limit: number, now = Date.now()): readonly Ban[] {
    const found: Ban[] = [];
    for (const ban of this.#index.after(after)) {
      if (found.length >= limit) break;
      if (holds(ban, now)) found.push(ban);
    }
    return found;
  }

  /** The ban of exactly that target, if it holds. */
  get(target: BanTarget, now = Date.now()): Ban | undefined {
    const ban = this.#index.find(target);
    return ban !== undefined && holds(ban, now) ? ban : undefined;
  }

  /**
   * The other bans that hold for addresses of the target: those of networks around it, the narrowest first, and those
   * of networks inside it.
   */
  beside(target: BanTarget, now = Date.now()): { readonly wider: readonly Ban[]; readonly narrower: readonly Ban[] } {
    const network = networkOf(target);
    if (network === undefined) return { wider: [], narrower: [] };
    const itself = this.#index.find(target);
    const isOther = (ban: Ban): boolean => ban !== itself && holds(ban, now);
    const [around, within] = [this.#index.around(network), this.#index.within(network)];
    return { wider: around.filter(isOther), narrower: within.filter(isOther) };
  }

  /** The ban of the user with that key. */
  ofUser(key: string, now = Date.now()): Ban | undefined {
    return this.get({ kind: 'user', target: key }, now);
  }

  /** The ban of the narrowest network that has the address. */
  ofAddress(address: string, now = Date.now()): Ban | undefined {
    return this.#index.ofAddress(address).find((ban) => holds(ban, now));
  }

  /**
   * Adds a ban, which holds when this has fulfilled. Answers the ban of the same target that it replaces. Rejects with
   * TooManyBans, and as the store does.
   */
  add(ban: Ban): Promise<Ban | undefined> {
    return this.#inTurn(ban, () => this.#add(ban));
  }

  /** Removes a ban. Answers whether there was one, and it held. Rejects as the store does. */
  remove(target: BanTarget): Promise<boolean> {
    return this.#inTurn(target, () => this.#remove(target));
  }

  /** Reports that the store has the ban from here on, whichever process added it. */
  banned(ban: Ban): void {
    this.#index.put(ban);
  }

  /** Reports that the store has removed the ban. A ban of the same network that is written differently stays. */
  unbanned(target: BanTarget): void {
    if (this.#index.find(target)?.target === target.target) this.#index.drop(target);
  }

  /**
   * Makes the changes of a target one after the other, so that memory and store agree on it when each of them begins. A
   * change must not wait for one of another target.
   */
  #inTurn<Result>(target: BanTarget, change: () => Promise<Result>): Promise<Result> {
    const key = banKey(target);
    const before = this.#changing.get(key);
    const done = before === undefined ? change() : before.then(change);
    const settled = done
      .catch(() => undefined)
      .then(() => {
        if (this.#changing.get(key) === settled) this.#changing.delete(key);
      });
    this.#changing.set(key, settled);
    return done;
  }

  async #add(ban: Ban): Promise<Ban | undefined> {
    const now = Date.now();
    const before = this.#index.find(ban);
    const ended = this.#index.endedBy(now).filter((each) => each !== before);
    if (before === undefined && this.#index.size - ended.length + this.#adding >= maxBans)
      throw new TooManyBans(`there are ${maxBans} bans already`);
    this.#adding += before === undefined ? 1 : 0;
    for (const each of ended) this.#forget(each);
    try {
      // The store would keep both where the target is written differently.
      if (before !== undefined && before.target !== ban.target) await this.#store.removeBan(before);
      await this.#store.setBan(ban);
    } finally {
      this.#adding -= before === undefined ? 1 : 0;
    }
    return before !== undefined && holds(before, now) ? before : undefined;
  }

  /**
   * Removes a ban that has ended, if it is not being changed, renewed say. Where that fails, the next ban tries again.
   */
  #forget(ended: Ban): void {
    if (this.#changing.has(banKey(ended))) return;
    void this.#inTurn(ended, () => this.#store.removeBan(ended)).catch(() => undefined);
  }

  async #remove(target: BanTarget): Promise<boolean> {
    const ban = this.#index.find(target);
    await this.#store.removeBan(ban ?? target);
    return ban !== undefined && holds(ban, Date.now());
  }
}

function holds({ until }: Ban, now: number): boolean {
  return until === undefined || until > now;
}

function endOf({ until = Infinity }: Ban): number {
  return until;
}
