// A queue in which whoever waits gets its turn, however many others wait: round robin over addresses, inside an address
// over users, and inside a user over sessions. Pure.
import type { Payer } from './payer.js';

/** Visits its entries one after the other, for ever. */
class Ring<Key, Entry> {
  readonly #entries = new Map<Key, Entry>();
  /** Stands before the next entry. An iterator of a Map goes on over entries that are added and removed meanwhile. */
  #cursor = this.#entries.values();

  get size(): number {
    return this.#entries.size;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** The entry of the greatest weight; of equal ones the newest. */
  heaviest(weightOf: (entry: Entry) => number): Entry | undefined {
    let [heaviest, most]: [Entry | undefined, number] = [undefined, 0];
    for (const entry of this.#entries.values()) {
      const weight = weightOf(entry);
      if (weight >= most) [heaviest, most] = [entry, weight];
    }
    return heaviest;
  }

  get(key: Key): Entry | undefined {
    return this.#entries.get(key);
  }

  add(key: Key, entry: Entry): void {
    this.#entries.set(key, entry);
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** The entry whose turn it is; undefined if there is none. */
  next(): Entry | undefined {
    const { done, value } = this.#cursor.next();
    if (done !== true) return value;
    if (this.isEmpty) return undefined;
    this.#cursor = this.#entries.values();
    return this.next();
  }
}

interface UserPlace<Item> {
  readonly key: string;
  readonly items: Ring<Item, Item>;
}

interface AddressPlace<Item> {
  readonly key: string;
  /** How many items of its users wait. */
  count: number;
  readonly users: Ring<string, UserPlace<Item>>;
}

/** Where an item waits. The item's payer may change meanwhile. */
interface Place<Item> {
  readonly address: AddressPlace<Item>;
  readonly user: UserPlace<Item>;
}

/** Those of one class that wait. */
export class FairQueue<Item> {
  readonly #addresses = new Ring<string, AddressPlace<Item>>();
  readonly #places = new Map<Item, Place<Item>>();

  /** How many items wait. */
  get size(): number {
    return this.#places.size;
  }

  /** Adds an item, or moves it to the place of that payer. Its turn comes after those of its user's other items. */
  add(item: Item, { payerAddress, payerUser }: Payer): void {
    const place = this.#places.get(item);
    if (place !== undefined) {
      if (place.address.key === payerAddress && place.user.key === payerUser) return;
      this.delete(item);
    }
    let address = this.#addresses.get(payerAddress);
    if (address === undefined) {
      address = { key: payerAddress, count: 0, users: new Ring() };
      this.#addresses.add(payerAddress, address);
    }
    let user = address.users.get(payerUser);
    if (user === undefined) {
      user = { key: payerUser, items: new Ring() };
      address.users.add(payerUser, user);
    }
    user.items.add(item, item);
    address.count += 1;
    this.#places.set(item, { address, user });
  }

  /** Removes an item. Does nothing if it does not wait. */
  delete(item: Item): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    const { address, user } = place;
    this.#places.delete(item);
    user.items.delete(item);
    address.count -= 1;
    if (user.items.isEmpty) address.users.delete(user.key);
    if (address.users.isEmpty) this.#addresses.delete(address.key);
  }

  /** The item whose turn it is; undefined if none waits. It stays in the queue, and its next turn is the last of all. */
  next(): Item | undefined {
    return this.#addresses.next()?.users.next()?.items.next();
  }

  /** The item that should give way where too many wait: the newest of the user with the most, of the address with the most. */
  heaviest(): Item | undefined {
    const address = this.#addresses.heaviest(({ count }) => count);
    return address?.users.heaviest(({ items }) => items.size)?.items.heaviest(() => 1);
  }
}
