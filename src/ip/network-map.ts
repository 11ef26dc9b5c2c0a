// Maps networks to values, and finds the networks that contain an address. The cost of a lookup depends on the number
// of different prefix lengths, which is small, and not on the number of networks: each new connection needs a lookup.
import { networkName, parseNetwork, withoutZone, type Network } from './networks.js';

type Family = Network['family'];

/** A map whose keys are networks. */
export class NetworkMap<Value> {
  /** The entries by the networks' names. */
  readonly #entries = new Map<string, { readonly network: Network; readonly value: Value }>();
  /** How many networks have each prefix length. */
  readonly #lengths: Readonly<Record<Family, Map<number, number>>> = { ipv4: new Map(), ipv6: new Map() };

  /** How many networks there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of exactly that network. */
  get(network: Network): Value | undefined {
    return this.#entries.get(networkName(network))?.value;
  }

  /** Sets the value of a network. */
  set(network: Network, value: Value): void {
    const name = networkName(network);
    if (!this.#entries.has(name)) this.#count(network, 1);
    this.#entries.set(name, { network, value });
  }

  /** Removes a network. Does nothing if it is not there. */
  delete(network: Network): void {
    if (this.#entries.delete(networkName(network))) this.#count(network, -1);
  }

  /** All values, in the order in which the networks were added. */
  *values(): Iterable<Value> {
    for (const { value } of this.#entries.values()) yield value;
  }

  /** The values of the networks that contain the address, the narrowest first. None if the text is no address. */
  ofAddress(text: string): readonly Value[] {
    const address = parseNetwork(withoutZone(text));
    return address === undefined ? [] : this.around(address);
  }

  /** The values of this network and of those that contain it, the narrowest first. */
  around(network: Network): readonly Value[] {
    const lengths = [...this.#lengths[network.family].keys()]
      .filter((prefix) => prefix <= network.prefix)
      .sort((one, other) => other - one);
    return lengths.flatMap((prefix) => {
      const found = this.#entries.get(networkName({ ...network, prefix }));
      return found === undefined ? [] : [found.value];
    });
  }

  /** The values of this network and of those that it contains. */
  within({ address, prefix, family }: Network): readonly Value[] {
    const name = networkName({ address, prefix, family });
    const isWithin = ({ network }: { readonly network: Network }): boolean =>
      network.family === family && network.prefix >= prefix && networkName({ ...network, prefix }) === name;
    return [...this.#entries.values()].filter(isWithin).map(({ value }) => value);
  }

  #count({ family, prefix }: Network, by: number): void {
    const count = (this.#lengths[family].get(prefix) ?? 0) + by;
    if (count > 0) this.#lengths[family].set(prefix, count);
    else this.#lengths[family].delete(prefix);
  }
}
