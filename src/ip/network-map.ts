// Maps networks to values, and finds the networks that contain an address, and those inside a network. The cost of a
// lookup depends on the number of different prefix lengths, 33 and 129 at most, and not on the number of networks: each
// new connection needs a lookup.
import { placeIn } from '../text/sorted.js';
import { networkKey, parseNetwork, unitsOf, withoutZone, type Network } from './networks.js';

type Family = Network['family'];

/** The keys (`networkKey`) of the networks of one family of addresses. */
class FamilyKeys {
  /** The keys of all networks, ascending. */
  readonly keys: string[] = [];
  /** The prefix lengths that some network has, descending. */
  lengths: readonly number[] = [];
  readonly #counts = new Map<number, number>();

  add(key: string, prefix: number): void {
    this.keys.splice(this.placeOf(key), 0, key);
    this.#count(prefix, 1);
  }

  delete(key: string, prefix: number): void {
    this.keys.splice(this.placeOf(key), 1);
    this.#count(prefix, -1);
  }

  /** The place of the first key that is not less than this one. */
  placeOf(key: string): number {
    return placeIn(this.keys, (each) => (each < key ? -1 : 0));
  }

  #count(prefix: number, by: number): void {
    const count = (this.#counts.get(prefix) ?? 0) + by;
    if (count > 0) this.#counts.set(prefix, count);
    else this.#counts.delete(prefix);
    if (count === 0 || count === by) this.lengths = [...this.#counts.keys()].sort((one, other) => other - one);
  }
}

/** A map whose keys are networks. */
export class NetworkMap<Value> {
  /** By `networkKey`, in the order in which the networks were added. */
  readonly #entries = new Map<string, { readonly value: Value }>();
  readonly #families: Readonly<Record<Family, FamilyKeys>> = { ipv4: new FamilyKeys(), ipv6: new FamilyKeys() };

  /** How many networks there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of exactly that network. */
  get(network: Network): Value | undefined {
    return this.#entries.get(keyOf(network))?.value;
  }

  /** Sets the value of a network. */
  set(network: Network, value: Value): void {
    const key = keyOf(network);
    if (!this.#entries.has(key)) this.#families[network.family].add(key, network.prefix);
    this.#entries.set(key, { value });
  }

  /** Removes a network. Does nothing if it is not there. */
  delete(network: Network): void {
    const key = keyOf(network);
    if (this.#entries.delete(key)) this.#families[network.family].delete(key, network.prefix);
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
    const units = unitsOf(network);
    const found: Value[] = [];
    for (const prefix of this.#families[network.family].lengths) {
      const entry = prefix > network.prefix ? undefined : this.#entries.get(networkKey(units, prefix));
      if (entry !== undefined) found.push(entry.value);
    }
    return found;
  }

  /** The values of this network and of those that it contains, in the order of their addresses, the wider first. */
  within(network: Network): readonly Value[] {
    const family = this.#families[network.family];
    const key = keyOf(network);
    const found: Value[] = [];
    for (let at = family.placeOf(key); isWithin(family.keys[at], key, network.prefix); at += 1) {
      const entry = this.#entries.get(family.keys[at] ?? '');
      if (entry !== undefined) found.push(entry.value);
    }
    return found;
  }
}

function keyOf(network: Network): string {
  return networkKey(unitsOf(network), network.prefix);
}

/** Whether the first bits of a key are those of another one. `key` is undefined behind the last. */
function isWithin(key: string | undefined, outer: string, prefix: number): boolean {
  if (key === undefined) return false;
  const units = Array.from({ length: key.length - 1 }, (_, at) => key.charCodeAt(at));
  return networkKey(units, prefix) === outer;
}
