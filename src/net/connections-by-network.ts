// Decides which connection gives way to a new one where all places are taken. Connections are counted by network and by
// address, and stand in the order in which they were last heard. Whoever has most gives way, so that nobody can keep
// others out with many connections from one network. Pure: the caller closes connections.
import { around } from '../ip/networks.js';
import { isSocketAddress, limitKey } from './addresses.js';

/** Where a connection comes from, as it is counted. */
export interface Origin {
  readonly network: string;
  readonly address: string;
}

/**
 * The origin of a connection from that address. Its network is one in which one owner may have many addresses: a /24 of
 * IPv4, or a /48 of IPv6, which is what a site usually gets. A Unix socket is a network of one address.
 */
export function originOf(address: string): Origin {
  return { network: around(address, { ipv4: 24, ipv6: 48 }), address: limitKey(address) };
}

/** Connections that may have to give way. The cost of a method does not depend on how many networks there are. */
export class ConnectionsByNetwork<Connection> {
  readonly #networks = new Map<string, Network<Connection>>();
  readonly #counts = new Ranking();

  /** Adds a connection, as the one that was heard last. */
  add(connection: Connection, { network: name, address }: Origin): void {
    let network = this.#networks.get(name);
    if (network === undefined) this.#networks.set(name, (network = { counts: new Ranking(), connections: new Map() }));
    const ofAddress = network.connections.get(address);
    if (ofAddress === undefined) network.connections.set(address, new Set([connection]));
    else ofAddress.add(connection);
    network.counts.add(address, 1);
    this.#counts.add(name, 1);
  }

  /** Reports that something came from a connection that was added. */
  heard(connection: Connection, { network, address }: Origin): void {
    const ofAddress = this.#networks.get(network)?.connections.get(address);
    if (ofAddress?.delete(connection) === true) ofAddress.add(connection);
  }

  /** Removes a connection that is gone, or that does not give way any more. */
  delete(connection: Connection, { network: name, address }: Origin): void {
    const network = this.#networks.get(name);
    const ofAddress = network?.connections.get(address);
    if (network === undefined || ofAddress?.delete(connection) !== true) return;
    if (ofAddress.size === 0) network.connections.delete(address);
    if (network.connections.size === 0) this.#networks.delete(name);
    network.counts.add(address, -1);
    this.#counts.add(name, -1);
  }

  /**
   * The connection that gives way: of the network that has most, and there of the address that has most, the one that
   * was silent longest. With the origin of a newcomer, somebody gives way only if the newcomer's network has fewer, or
   * if no network has more and the newcomer's address has fewer than another one of its network, or is a Unix socket:
   * many may come over it, and whoever was silent longest gives way to the others. Undefined if nobody gives way.
   */
  toGiveWay(newcomer?: Origin): Connection | undefined {
    let name = this.#counts.leader;
    if (newcomer !== undefined && this.#counts.of(newcomer.network) === this.#counts.most) {
      name = newcomer.network;
      const counts = this.#networks.get(name)?.counts;
      if (counts === undefined) return undefined;
      if (counts.of(newcomer.address) === counts.most && !isSocketAddress(newcomer.address)) return undefined;
    }
    const [first] = this.#ofLeader(name);
    return first;
  }

  /** How many there are of a network. */
  countOf({ network }: Origin): number {
    return this.#counts.of(network);
  }

  /**
   * The connection that was added, or heard, last: of the network that has most, if it has more than `fair`, and there
   * of the address that has most. Undefined if no network has so many.
   */
  newestOfCrowd(fair: number): Connection | undefined {
    return this.#counts.most > fair ? [...this.#ofLeader(this.#counts.leader)].at(-1) : undefined;
  }

  /** The connections of the address that has most in that network. */
  #ofLeader(name = ''): Iterable<Connection> {
    const network = this.#networks.get(name);
    return network?.connections.get(network.counts.leader ?? '') ?? [];
  }
}

/** The connections of one network, by address. */
interface Network<Connection> {
  readonly counts: Ranking;
  /** Of each address, in the order in which they were last heard. */
  readonly connections: Map<string, Set<Connection>>;
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
