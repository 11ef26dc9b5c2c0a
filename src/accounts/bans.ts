// Bans of users, by their keys, and of networks. The store has them; lookups are in memory. A ban that has ended is
// never answered, and is removed when the next ban is added. Changes of different targets go to the store together.
import { NetworkMap } from '../ip/network-map.js';
import { networkName, parseNetwork, type Network } from '../ip/networks.js';
import type { Ban, BanTarget, Directory, DirectoryListener } from '../store/directory.js';
import { placeIn } from '../text/sorted.js';

export type { BanTarget } from '../store/directory.js';

/**
 * The most bans at one time, which are all in memory. No setting: who bans more addresses than that bans networks, or
 * uses a firewall.
 */
const maxBans = 10_000;

/** The name of a ban's target in lists and replies. As an operator's parameter it means that target, and no other. */
export function banName({ kind, target }: BanTarget): string {
  const network = parseNetwork(target);
  if (kind === 'user') return network === undefined ? target : `user:${target}`;
  return network === undefined ? target : networkName(network).replace(/^([^:]+)\/32$|^(.+)\/128$/, '$1$2');
}

/** A ban was not added, because there are `maxBans` already. */
export class TooManyBans extends Error {}

/** All bans. `now` is milliseconds since 1970. */
export class Bans implements Pick<DirectoryListener, 'banned' | 'unbanned'> {
  readonly #store: Pick<Directory, 'setBan' | 'removeBan'>;
  readonly #users = new Map<string, Ban>();
  /** By network, in whatever form the store has it: an IPv4 network may stand there as the IPv6 one that maps it. */
  readonly #networks = new NetworkMap<Ban>();
  /** Bans from an older salond whose targets are no networks. They apply to nobody, and can be removed. */
  readonly #ofNoNetwork = new Map<string, Ban>();
  /** All bans by their names, ascending. */
  readonly #sorted: { readonly name: string; readonly ban: Ban }[] = [];
  /** The bans that end by themselves, the first to end first. */
  readonly #ending: { readonly until: number; readonly ban: Ban }[] = [];
  /** The last change of each target that is under way, by `keyOf`. The next one of that target waits for it. */
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
      const same = bans.#find(ban);
      const shorter = same === undefined ? undefined : endOf(same) < endOf(ban) ? same : ban;
      // An older salond could store one network in two forms. The ban that ends later holds.
      if (shorter !== undefined) await store.removeBan(shorter);
      if (shorter !== ban) bans.#put(ban);
    }
    return bans;
  }

  /** The bans that hold, those of users first. */
  all(now = Date.now()): readonly Ban[] {
    return this.#all().filter((ban) => holds(ban, now));
  }

  /** The first bans that hold whose names come after `after`, `limit` at most, in the order of their names. */
  listAfter(after: string, limit: number, now = Date.now()): readonly Ban[] {
    const found: Ban[] = [];
    for (let at = this.#placeOf(after); at < this.#sorted.length && found.length < limit; at += 1) {
      const each = this.#sorted[at];
      if (each !== undefined && each.name > after && holds(each.ban, now)) found.push(each.ban);
    }
    return found;
  }

  /** The ban of exactly that target, if it holds. */
  get(target: BanTarget, now = Date.now()): Ban | undefined {
    const ban = this.#find(target);
    return ban !== undefined && holds(ban, now) ? ban : undefined;
  }

  /**
   * The other bans that hold for addresses of the target: those of networks around it, the narrowest first, and those
   * of networks inside it.
   */
  beside(target: BanTarget, now = Date.now()): { readonly wider: readonly Ban[]; readonly narrower: readonly Ban[] } {
    const network = networkOf(target);
    if (network === undefined) return { wider: [], narrower: [] };
    const itself = this.#find(target);
    const isOther = (ban: Ban): boolean => ban !== itself && holds(ban, now);
    const [around, within] = [this.#networks.around(network), this.#networks.within(network)];
    return { wider: around.filter(isOther), narrower: within.filter(isOther) };
  }

  /** The ban of the user with that key. */
  ofUser(key: string, now = Date.now()): Ban | undefined {
    return this.get({ kind: 'user', target: key }, now);
  }

  /** The ban of the narrowest network that has the address. */
  ofAddress(address: string, now = Date.now()): Ban | undefined {
    return this.#networks.size === 0 ? undefined : this.#networks.ofAddress(address).find((ban) => holds(ban, now));
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
    this.#put(ban);
  }

  /** Reports that the store has removed the ban. A ban of the same network that is written differently stays. */
  unbanned(target: BanTarget): void {
    if (this.#find(target)?.target === target.target) this.#drop(target);
  }

  /**
   * Makes the changes of a target one after the other, so that memory and store agree on it when each of them begins. A
   * change must not wait for one of another target.
   */
  #inTurn<Result>(target: BanTarget, change: () => Promise<Result>): Promise<Result> {
    const key = keyOf(target);
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
    const before = this.#find(ban);
    const ended = this.#endedBy(now).filter((each) => each !== before);
    if (before === undefined && this.#sorted.length - ended.length + this.#adding >= maxBans)
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

  /** Removes a ban that has ended, if it is not being changed, renewed say. Where that fails, the next ban tries again. */
  #forget(ended: Ban): void {
    if (this.#changing.has(keyOf(ended))) return;
    void this.#inTurn(ended, () => this.#store.removeBan(ended)).catch(() => undefined);
  }

  async #remove(target: BanTarget): Promise<boolean> {
    const ban = this.#find(target);
    await this.#store.removeBan(ban ?? target);
    return ban !== undefined && holds(ban, Date.now());
  }

  #all(): readonly Ban[] {
    return [...this.#users.values(), ...this.#networks.values(), ...this.#ofNoNetwork.values()];
  }

  #find(target: BanTarget): Ban | undefined {
    const network = networkOf(target);
    return network === undefined ? this.#named(target).get(target.target) : this.#networks.get(network);
  }

  #put(ban: Ban): void {
    this.#unlist(ban);
    const network = networkOf(ban);
    if (network === undefined) this.#named(ban).set(ban.target, ban);
    else this.#networks.set(network, ban);
    const name = banName(ban);
    this.#sorted.splice(this.#placeOf(name), 0, { name, ban });
    const { until } = ban;
    if (until !== undefined) this.#ending.splice(this.#placeOfEnd(until), 0, { until, ban });
  }

  #drop(target: BanTarget): void {
    this.#unlist(target);
    const network = networkOf(target);
    if (network === undefined) this.#named(target).delete(target.target);
    else this.#networks.delete(network);
  }

  /** Takes the ban of that target, if there is one, out of the sorted list. Bans of different kinds may share a name. */
  #unlist(target: BanTarget): void {
    const ban = this.#find(target);
    if (ban === undefined) return;
    let at = this.#placeOf(banName(ban));
    while (at < this.#sorted.length && this.#sorted[at]?.ban !== ban) at += 1;
    this.#sorted.splice(at, 1);
    if (ban.until === undefined) return;
    let end = this.#placeOfEnd(ban.until);
    while (end < this.#ending.length && this.#ending[end]?.ban !== ban) end += 1;
    this.#ending.splice(end, 1);
  }

  /** The place among the bans that end of the first one that does not end before that time. */
  #placeOfEnd(until: number): number {
    return placeIn(this.#ending, (each) => (each.until < until ? -1 : 0));
  }

  /** The place in the sorted list of the first ban whose name is not before this one. */
  #placeOf(name: string): number {
    return placeIn(this.#sorted, (each) => (each.name < name ? -1 : 0));
  }

  /** The map of bans whose targets are no networks. */
  #named({ kind }: BanTarget): Map<string, Ban> {
    return kind === 'user' ? this.#users : this.#ofNoNetwork;
  }

  /** The bans that have ended at that time. */
  #endedBy(now: number): readonly Ban[] {
    return this.#ending.slice(0, this.#placeOfEnd(now + 1)).map(({ ban }) => ban);
  }
}

function holds({ until }: Ban, now: number): boolean {
  return until === undefined || until > now;
}

/** What a target is known by while it is changed: bans of different kinds may share a name. */
function keyOf(target: BanTarget): string {
  return `${target.kind} ${banName(target)}`;
}

function endOf({ until = Infinity }: Ban): number {
  return until;
}

function networkOf({ kind, target }: BanTarget): Network | undefined {
  return kind === 'user' ? undefined : parseNetwork(target);
}
