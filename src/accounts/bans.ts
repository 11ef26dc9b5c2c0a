// Who is kept out of the server: users by their names, and addresses by the network that they are in. Kept in the
// store, looked at in memory; a ban that has ended is forgotten when somebody looks.
import { includesNetwork, inNetworks, networkName, parseNetwork, type Network } from '../ip/networks.js';
import type { Ban, Entry, Store } from '../store/store.js';

/** The most that may hold at one time: each is looked at in memory. */
const most = 10_000;

/** There are as many bans as there may be. */
export class TooManyBans extends Error {}

export type BanTarget = Pick<Ban, 'kind' | 'target'>;

export class Bans {
  readonly #store: Pick<Store<Entry>, 'setBan' | 'removeBan'>;
  readonly #users = new Map<string, Ban>();
  /**
   * By their networks' names, whatever the store calls them: it may have an IPv4 network as the IPv6 one that stands
   * for it.
   */
  readonly #networks = new Map<string, Ban>();
  /** All networks at once: every connection is looked up, and few are banned. Made anew when it is needed. */
  #mayBeBanned: ((address: string) => boolean) | undefined;

  private constructor(store: Pick<Store<Entry>, 'setBan' | 'removeBan'>) {
    this.#store = store;
  }

  /** With all that the store has. */
  static async read(store: Pick<Store<Entry>, 'setBan' | 'removeBan' | 'listBans'>): Promise<Bans> {
    const bans = new Bans(store);
    for (const ban of await store.listBans()) {
      const same = bans.#mapOf(ban).get(keyOf(ban));
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
    const ban = this.#mapOf(target).get(keyOf(target));
    return ban !== undefined && holds(ban, now) ? ban : undefined;
  }

  /**
   * The other bans that hold for the target's addresses: of the networks around it, the narrowest first, and of those
   * inside it.
   */
  beside(target: BanTarget, now = Date.now()): { readonly wider: readonly Ban[]; readonly narrower: readonly Ban[] } {
    if (target.kind === 'user') return { wider: [], narrower: [] };
    const network = parseNetwork(target.target);
    if (network === undefined) return { wider: [], narrower: [] };
    const others = this.#parsed().filter(([, ban]) => keyOf(ban) !== keyOf(target) && holds(ban, now));
    return {
      wider: others.filter(([other]) => includesNetwork(other, network))
        .sort(([one], [other]) => other.prefix - one.prefix).map(([, ban]) => ban),
      narrower: others.filter(([other]) => includesNetwork(network, other)).map(([, ban]) => ban),
    };
  }

  ofUser(key: string, now = Date.now()): Ban | undefined {
    return this.get({ kind: 'user', target: key }, now);
  }

  ofAddress(address: string, now = Date.now()): Ban | undefined {
    if (this.#networks.size === 0) return undefined;
    this.#mayBeBanned ??= inNetworks(this.#parsed().map(([network]) => network));
    if (!this.#mayBeBanned(address)) return undefined;
    for (const [network, ban] of this.#parsed()) if (holds(ban, now) && inNetworks([network])(address)) return ban;
    return undefined;
  }

  /**
   * From when this fulfils the ban holds. Answers the one of the same target whose place it takes. Rejects with
   * TooManyBans, and as the store does.
   */
  async add(ban: Ban): Promise<Ban | undefined> {
    await this.#forgetEnded();
    const map = this.#mapOf(ban);
    if (!map.has(keyOf(ban)) && this.#users.size + this.#networks.size >= most) {
      throw new TooManyBans(`there are ${most} bans already`);
    }
    const before = map.get(keyOf(ban));
    // What the store calls otherwise would be beside the new one there.
    if (before !== undefined && before.target !== ban.target) await this.#store.removeBan(before);
    await this.#store.setBan(ban);
    this.#put(ban);
    return before;
  }

  /** Whether there was such a ban, and it held. */
  async remove(target: BanTarget): Promise<boolean> {
    const ban = this.#mapOf(target).get(keyOf(target));
    await this.#store.removeBan(ban ?? target);
    this.#mayBeBanned = undefined;
    return this.#mapOf(target).delete(keyOf(target)) && ban !== undefined && holds(ban, Date.now());
  }

  #all(): readonly Ban[] {
    return [...this.#users.values(), ...this.#networks.values()];
  }

  /** Those of networks. One that an older salond took in and that names no network keeps nobody out. */
  #parsed(): readonly (readonly [Network, Ban])[] {
    return [...this.#networks.values()].flatMap((ban) => {
      const network = parseNetwork(ban.target);
      return network === undefined ? [] : [[network, ban] as const];
    });
  }

  #mapOf({ kind }: BanTarget): Map<string, Ban> {
    return kind === 'user' ? this.#users : this.#networks;
  }

  #put(ban: Ban): void {
    this.#mapOf(ban).set(keyOf(ban), ban);
    this.#mayBeBanned = undefined;
  }

  async #forgetEnded(): Promise<void> {
    const now = Date.now();
    for (const ban of this.#all()) if (!holds(ban, now)) await this.remove(ban);
  }
}

function holds({ until }: Ban, now: number): boolean {
  return until === undefined || until > now;
}

function endOf({ until = Infinity }: Ban): number {
  return until;
}

function keyOf({ kind, target }: BanTarget): string {
  const network = kind === 'user' ? undefined : parseNetwork(target);
  return network === undefined ? target : networkName(network);
}
