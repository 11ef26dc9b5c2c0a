// Bans: of users by name, and of addresses by network. The store keeps them; they are looked up in memory. A ban that
// has ended is forgotten at the next lookup.
import { NetworkMap } from '../ip/network-map.js';
import { parseNetwork, type Network } from '../ip/networks.js';
import type { Ban, BanTarget, Directory, DirectoryListener } from '../store/directory.js';

export type { BanTarget } from '../store/directory.js';

/** The most that may hold at one time: each is looked at in memory. */
const most = 10_000;

/** There are as many bans as there may be. */
export class TooManyBans extends Error {}

export class Bans implements Pick<DirectoryListener, 'banned' | 'unbanned'> {
  readonly #store: Pick<Directory, 'setBan' | 'removeBan'>;
  readonly #users = new Map<string, Ban>();
  /**
   * By their networks, however the store writes those: it may have an IPv4 network as the IPv6 one that stands for it.
   * A ban that an older salond took in and that names no network keeps nobody out, and is not here.
   */
  readonly #networks = new NetworkMap<Ban>();
  readonly #ofNoNetwork = new Map<string, Ban>();
  /** The last change that was asked for. */
  #changed: Promise<unknown> = Promise.resolve();

  private constructor(store: Pick<Directory, 'setBan' | 'removeBan'>) {
    this.#store = store;
  }

  /** With all that the store has. */
  static async read(store: Pick<Directory, 'setBan' | 'removeBan' | 'listBans' | 'watch'>): Promise<Bans> {
    const bans = new Bans(store);
    store.watch(bans);
    for (const ban of await store.listBans()) {
      const same = bans.#find(ban);
      const shorter = same === undefined ? undefined : endOf(same) < endOf(ban) ? same : ban;
      // Two ways to write one network, from an older salond: the one that ends first says nothing.
      if (shorter !== undefined) await store.removeBan(shorter);
      if (shorter !== ban) bans.#put(ban);
    }
    return bans;
  }

  /** Those that hold, users first. */
  all(now = Date.now()): readonly Ban[] {
    return this.#all().filter((ban) => holds(ban, now));
  }

  /** The ban of that very target, where it holds. */
  get(target: BanTarget, now = Date.now()): Ban | undefined {
    const ban = this.#find(target);
    return ban !== undefined && holds(ban, now) ? ban : undefined;
  }

  /**
   * The other bans that hold for the target's addresses: of the networks around it, the narrowest first, and of those
   * inside it.
   */
  beside(target: BanTarget, now = Date.now()): { readonly wider: readonly Ban[]; readonly narrower: readonly Ban[] } {
    const network = networkOf(target);
    if (network === undefined) return { wider: [], narrower: [] };
    const itself = this.#find(target);
    const isOther = (ban: Ban): boolean => ban !== itself && holds(ban, now);
    const [around, within] = [this.#networks.around(network), this.#networks.within(network)];
    return { wider: around.filter(isOther), narrower: within.filter(isOther) };
  }

  ofUser(key: string, now = Date.now()): Ban | undefined {
    return this.get({ kind: 'user', target: key }, now);
  }

  ofAddress(address: string, now = Date.now()): Ban | undefined {
    return this.#networks.size === 0 ? undefined : this.#networks.ofAddress(address).find((ban) => holds(ban, now));
  }

  /**
   * From when this fulfils the ban holds. Answers the one of the same target whose place it takes. Rejects with
   * TooManyBans, and as the store does.
   */
  add(ban: Ban): Promise<Ban | undefined> {
    return this.#inTurn(() => this.#add(ban));
  }

  /** Whether there was such a ban, and it held. */
  remove(target: BanTarget): Promise<boolean> {
    return this.#inTurn(() => this.#remove(target));
  }

  /** The store has the ban. */
  banned(ban: Ban): void {
    this.#put(ban);
  }

  /** The store has it no more. One of the same network that is written otherwise stays. */
  unbanned(target: BanTarget): void {
    if (this.#find(target)?.target === target.target) this.#drop(target);
  }

  /** Makes changes one after the other: what one has seen here is so in the store too. */
  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const done = this.#changed.then(change);
    this.#changed = done.catch(() => undefined);
    return done;
  }

  async #add(ban: Ban): Promise<Ban | undefined> {
    await this.#forgetEnded();
    const before = this.#find(ban);
    if (before === undefined && this.#all().length >= most) throw new TooManyBans(`there are ${most} bans already`);
    // What the store calls otherwise would be beside the new one there.
    if (before !== undefined && before.target !== ban.target) await this.#store.removeBan(before);
    await this.#store.setBan(ban);
    return before;
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
    const network = networkOf(ban);
    if (network === undefined) this.#named(ban).set(ban.target, ban);
    else this.#networks.set(network, ban);
  }

  #drop(target: BanTarget): void {
    const network = networkOf(target);
    if (network === undefined) this.#named(target).delete(target.target);
    else this.#networks.delete(network);
  }

  /** Where the bans are whose targets name no network. */
  #named({ kind }: BanTarget): Map<string, Ban> {
    return kind === 'user' ? this.#users : this.#ofNoNetwork;
  }

  async #forgetEnded(): Promise<void> {
    const now = Date.now();
    for (const ban of this.#all()) if (!holds(ban, now)) await this.#remove(ban);
  }
}

function holds({ until }: Ban, now: number): boolean {
  return until === undefined || until > now;
}

function endOf({ until = Infinity }: Ban): number {
  return until;
}

function networkOf({ kind, target }: BanTarget): Network | undefined {
  return kind === 'user' ? undefined : parseNetwork(target);
}
