// Decides which connection gives way to a new one where all places are taken. Those that may are counted by network and
// by address, and stand in the order in which they were last heard. Whoever has most gives way, so that nobody can keep
// others out with many silent connections from one network. Pure: the caller closes connections.
import { isIPv4, isIPv6 } from 'node:net';
import { networkName } from '../ip/networks.js';
import { limitKey } from './addresses.js';

/** Where a connection comes from, as it is counted. */
export interface Origin {
  readonly network: string;
  readonly address: string;
}

/**
 * The origin of a connection from that address. Its network is one in which one owner may have many addresses: a /24 of
 * IPv4, or a /48 of IPv6, which is what a site usually gets.
 */
export function originOf(address: string): Origin {
  return { network: networkOf(address), address: limitKey(address) };
}

function networkOf(address: string): string {
  if (isIPv4(address)) return networkName({ address, prefix: 24, family: 'ipv4' });
  return isIPv6(address) ? networkName({ address, prefix: 48, family: 'ipv6' }) : address;
}

/** Connections that may have to give way. Each method costs the same however many there are. */
export class SilentGuests<Guest> {
  readonly #networks = new Map<string, Network<Guest>>();
  readonly #counts = new Ranking();

  /** Adds a connection, as the one that was heard last. */
  add(guest: Guest, { network: name, address }: Origin): void {
    let network = this.#networks.get(name);
    if (network === undefined) this.#networks.set(name, (network = { counts: new Ranking(), guests: new Map() }));
    const ofAddress = network.guests.get(address);
    if (ofAddress === undefined) network.guests.set(address, new Set([guest]));
    else ofAddress.add(guest);
    network.counts.add(address, 1);
    this.#counts.add(name, 1);
  }

  /** Reports that something came from a connection that was added. */
  heard(guest: Guest, { network, address }: Origin): void {
    const ofAddress = this.#networks.get(network)?.guests.get(address);
    if (ofAddress?.delete(guest) === true) ofAddress.add(guest);
  }

  /** Removes a connection that is gone, or that does not give way any more. */
  delete(guest: Guest, { network: name, address }: Origin): void {
    const network = this.#networks.get(name);
    const ofAddress = network?.guests.get(address);
    if (network === undefined || ofAddress?.delete(guest) !== true) return;
    if (ofAddress.size === 0) network.guests.delete(address);
    if (network.guests.size === 0) this.#networks.delete(name);
    network.counts.add(address, -1);
    this.#counts.add(name, -1);
  }

  /**
   * The connection that gives way: of the network that has most, and there of the address that has most, the one that
   * was silent longest. With the origin of a newcomer, somebody gives way only if the newcomer's network has fewer, or
   * if no network has more and the newcomer's address has fewer than another one of its network. Undefined if nobody
   * gives way.
   */
  toGiveWay(newcomer?: Origin): Guest | undefined {
    let name = this.#counts.leader;
    if (newcomer !== undefined && this.#counts.of(newcomer.network) === this.#counts.most) {
      name = newcomer.network;
      const counts = this.#networks.get(name)?.counts;
      if (counts === undefined || counts.of(newcomer.address) === counts.most) return undefined;
    }
    const network = this.#networks.get(name ?? '');
    const [first] = network?.guests.get(network.counts.leader ?? '') ?? [];
    return first;
  }
}

/** The connections of one network, by address. */
interface Network<Guest> {
  readonly counts: Ranking;
  /** Of each address, in the order in which they were last heard. */
  readonly guests: Map<string, Set<Guest>>;
}

/** Counts by key, and knows at any time which key has the highest count. */
class Ranking {
  readonly #counts = new Map<string, number>();
  /** The keys of each count. The one that has had it for longest is the first. */
  readonly #keys = new Map<number, Set<string>>();
  #most = 0;

  /** The highest count. */
  get most(): number {
    return this.#most;
  }

  /** The key that has the highest count, for longest if there are several. */
  get leader(): string | undefined {
    const [first] = this.#keys.get(this.#most) ?? [];
    return first;
  }

  /** The count of a key. */
  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Counts one more of the key, or one less. */
  add(key: string, change: 1 | -1): void {
    const before = this.of(key);
    const count = before + change;
    const others = this.#keys.get(before);
    if (others?.delete(key) === true && others.size === 0) this.#keys.delete(before);
    if (count === 0) {
      this.#counts.delete(key);
    } else {
      this.#counts.set(key, count);
      const equal = this.#keys.get(count);
      if (equal === undefined) this.#keys.set(count, new Set([key]));
      else equal.add(key);
    }
    // A count changes by one, so the next lower one is there.
    if (count > this.#most || (before === this.#most && !this.#keys.has(before))) this.#most = count;
  }
}
