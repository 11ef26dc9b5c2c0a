// Who is kept out of the server: users by their names, and addresses by the network that they are in. Kept in the store, looked at
// in memory; a ban that has ended is forgotten when somebody looks.
import { inNetworks, parseNetwork, type Network } from '../ip/networks.js';
import type { Ban, Entry, Store } from '../store/store.js';

/** The most that may hold at one time: each is looked at in memory. */
const most = 10_000;

/** There are as many bans as there may be. */
export class TooManyBans extends Error {}

export class Bans {
  readonly #store: Pick<Store<Entry>, 'setBan' | 'removeBan'>;
  readonly #users = new Map<string, Ban>();
  readonly #networks = new Map<string, Ban>();
  /** All networks at once: every connection is looked up, and few are banned. Made anew when it is needed. */
  #mayBeBanned: ((address: string) => boolean) | undefined;

  private constructor(store: Pick<Store<Entry>, 'setBan' | 'removeBan'>) {
    this.#store = store;
  }

  /** With all that the store has. */
  static async read(store: Pick<Store<Entry>, 'setBan' | 'removeBan' | 'listBans'>): Promise<Bans> {
    const bans = new Bans(store);
    for (const ban of await store.listBans()) bans.#put(ban);
    return bans;
  }

  /** Those that hold, users first. */
  all(now = Date.now()): readonly Ban[] {
    return this.#all().filter((ban) => holds(ban, now));
  }

  ofUser(key: string, now = Date.now()): Ban | undefined {
    const ban = this.#users.get(key);
    return ban !== undefined && holds(ban, now) ? ban : undefined;
  }

  ofAddress(address: string, now = Date.now()): Ban | undefined {
    if (this.#networks.size === 0) return undefined;
    this.#mayBeBanned ??= inNetworks([...this.#networks.keys()].map(kept));
    if (!this.#mayBeBanned(address)) return undefined;
    for (const [target, ban] of this.#networks) if (holds(ban, now) && inNetworks([kept(target)])(address)) return ban;
    return undefined;
  }

  /** Rejects with TooManyBans, and as the store does; else it holds from now on. */
  async add(ban: Ban): Promise<void> {
    await this.#forgetEnded();
    if (this.#users.size + this.#networks.size >= most) throw new TooManyBans(`there are ${most} bans already`);
    await this.#store.setBan(ban);
    this.#put(ban);
  }

  /** Whether there was such a ban. */
  async remove({ kind, target }: Pick<Ban, 'kind' | 'target'>): Promise<boolean> {
    await this.#store.removeBan({ kind, target });
    this.#mayBeBanned = undefined;
    return (kind === 'user' ? this.#users : this.#networks).delete(target);
  }

  #all(): readonly Ban[] {
    return [...this.#users.values(), ...this.#networks.values()];
  }

  #put(ban: Ban): void {
    (ban.kind === 'user' ? this.#users : this.#networks).set(ban.target, ban);
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

/** A target of the store, which has a network's name. */
function kept(target: string): Network {
  return parseNetwork(target) as Network;
}
