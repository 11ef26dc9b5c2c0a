// All bans in memory, so that each is found quickly: by its target, by an address, by its name and by its end. Knows no
// clock: bans that have ended are among them until they are removed.
import { NetworkMap } from '../ip/network-map.js';
import type { Network } from '../ip/networks.js';
import type { Ban, BanTarget } from '../store/directory.js';
import { placeIn } from '../text/sorted.js';
import { banName, networkOf } from './ban-name.js';

/** The bans. Each target has one at most. */
export class BanIndex {
  readonly #users = new Map<string, Ban>();
  /** By network, in whatever form the store has it: an IPv4 network may stand there as the IPv6 one that maps it. */
  readonly #networks = new NetworkMap<Ban>();
  /** Bans from an older salond whose targets are no networks. They apply to nobody, and can be removed. */
  readonly #ofNoNetwork = new Map<string, Ban>();
  /** All bans by their names, ascending. */
  readonly #sorted: { readonly name: string; readonly ban: Ban }[] = [];
  /** The bans that end by themselves, the first to end first. */
  readonly #ending: { readonly until: number; readonly ban: Ban }[] = [];

  get size(): number {
    return this.#sorted.length;
  }

  /** All bans, those of users first. */
  all(): readonly Ban[] {
    return [...this.#users.values(), ...this.#networks.values(), ...this.#ofNoNetwork.values()];
  }

  /**
   * The bans whose names come after `name`, in the order of their names. Nothing may change while they are iterated.
   */
  *after(name: string): Iterable<Ban> {
    for (let at = this.#placeOf(name); at < this.#sorted.length; at += 1) {
      const each = this.#sorted[at];
      if (each !== undefined && each.name > name) yield each.ban;
    }
  }

  /** The ban of exactly that target. */
  find(target: BanTarget): Ban | undefined {
    const network = networkOf(target);
    return network === undefined ? this.#named(target).get(target.target) : this.#networks.get(network);
  }

  /** The bans of networks that have the address, the narrowest first. */
  ofAddress(address: string): readonly Ban[] {
    return this.#networks.size === 0 ? [] : this.#networks.ofAddress(address);
  }

  /** The bans of networks that have the whole network in them, the narrowest first. One may be the network's own. */
  around(network: Network): readonly Ban[] {
    return this.#networks.around(network);
  }

  /** The bans of networks inside the network. One may be the network's own. */
  within(network: Network): readonly Ban[] {
    return this.#networks.within(network);
  }

  /** The bans that have ended at that time, in milliseconds since 1970. */
  endedBy(time: number): readonly Ban[] {
    return this.#ending.slice(0, this.#placeOfEnd(time + 1)).map(({ ban }) => ban);
  }

  /** Adds a ban. It replaces the one of the same target. */
  put(ban: Ban): void {
    this.#unlist(ban);
    const network = networkOf(ban);
    if (network === undefined) this.#named(ban).set(ban.target, ban);
    else this.#networks.set(network, ban);
    const name = banName(ban);
    this.#sorted.splice(this.#placeOf(name), 0, { name, ban });
    const { until } = ban;
    if (until !== undefined) this.#ending.splice(this.#placeOfEnd(until), 0, { until, ban });
  }

  /** Removes the ban of that target, if there is one. */
  drop(target: BanTarget): void {
    this.#unlist(target);
    const network = networkOf(target);
    if (network === undefined) this.#named(target).delete(target.target);
    else this.#networks.delete(network);
  }

  /**
   * Takes the ban of that target, if there is one, out of the sorted lists. Bans of different kinds may share a name.
   */
  #unlist(target: BanTarget): void {
    const ban = this.find(target);
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
}
