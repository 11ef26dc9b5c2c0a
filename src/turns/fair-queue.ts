// A queue in which whoever waits gets its turn, however many others wait: round robin over addresses, inside an address
// over users, and inside a user over items. Where turns take different times, `charge` makes whoever had a long one let
// others go first. Pure.
import type { Payer } from './payer.js';

/** The part of a payer by which it is counted. */
export type PayerKeys = Pick<Payer, 'payerAddress' | 'payerUser'>;

/** How much of what a user or an address owes is settled each time that it lets others go first. */
const quantum = 0.25;

/** What a user or an address owes at most. */
const maxDebt = 8;

/** Visits its entries one after the other, for ever. Whoever was visited is the last from then on. */
class Ring<Key, Entry> {
  readonly #entries = new Map<Key, Entry>();
  /** Stands before the next entry. An iterator of a Map goes on over entries that are added and removed meanwhile. */
  #cursor = this.#entries.entries();

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
    if (done === true) {
      if (this.isEmpty) return undefined;
      this.#cursor = this.#entries.entries();
      return this.next();
    }
    const [key, entry] = value;
    // Otherwise those who come again and again would always stand between the cursor and this one's next turn.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }
}

/** A user, or an address: it stays while it has something that waits, and while it owes something. */
interface Account {
  readonly key: string;
  /** How many items wait. */
  size: number;
  debt: number;
}

interface UserPlace<Item> extends Account {
  readonly items: Ring<Item, Item>;
}

interface AddressPlace<Item> extends Account {
  readonly users: Ring<string, UserPlace<Item>>;
}

/** Where an item waits. The item's payer may change meanwhile. */
interface Place<Item> {
  readonly address: AddressPlace<Item>;
  readonly user: UserPlace<Item>;
}

/** The waiting items of one class. */
export class FairQueue<Item> {
  #addresses = new Ring<string, AddressPlace<Item>>();
  readonly #places = new Map<Item, Place<Item>>();

  /** How many items wait. */
  get size(): number {
    return this.#places.size;
  }

  /** Adds an item, or moves it to the place of that payer. Its turn comes after those of its user's other items. */
  add(item: Item, payer: PayerKeys): void {
    const before = this.#places.get(item);
    if (before !== undefined) {
      if (before.address.key === payer.payerAddress && before.user.key === payer.payerUser) return;
      this.delete(item);
    }
    const place = this.#place(payer);
    place.user.items.add(item, item);
    place.user.size += 1;
    place.address.size += 1;
    this.#places.set(item, place);
  }

  /** Removes an item. Does nothing if it does not wait. */
  delete(item: Item): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    const { address, user } = place;
    this.#places.delete(item);
    user.items.delete(item);
    user.size -= 1;
    address.size -= 1;
    if (isDone(user)) address.users.delete(user.key);
    if (isDone(address)) this.#addresses.delete(address.key);
    // Nobody is left who could go first.
    if (this.size === 0) this.#addresses = new Ring();
  }

  /** The item whose turn it is; undefined if none waits. It stays in the queue, and its next turn is the last of all. */
  next(): Item | undefined {
    const address = nextOf(this.#addresses);
    return address && nextOf(address.users)?.items.next();
  }

  /**
   * Charges a payer for a turn that it has had. It lets others go first in proportion, if somebody waits.
   * @param cost for example milliseconds; what is much less than `quantum` matters little
   */
  charge(payer: PayerKeys, cost: number): void {
    if (this.size === 0) return;
    const { address, user } = this.#place(payer);
    address.debt = Math.min(maxDebt, address.debt + cost);
    user.debt = Math.min(maxDebt, user.debt + cost);
  }

  /** The item that should give way where too many wait: the newest of the user with the most, of the address with the most. */
  heaviest(): Item | undefined {
    const waiting = ({ size }: Account): number => (size === 0 ? -1 : size);
    const address = this.#addresses.heaviest(waiting);
    return address?.users.heaviest(waiting)?.items.heaviest(() => 1);
  }

  #place({ payerAddress, payerUser }: PayerKeys): Place<Item> {
    let address = this.#addresses.get(payerAddress);
    if (address === undefined) {
      address = { key: payerAddress, size: 0, debt: 0, users: new Ring() };
      this.#addresses.add(payerAddress, address);
    }
    let user = address.users.get(payerUser);
    if (user === undefined) {
      user = { key: payerUser, size: 0, debt: 0, items: new Ring() };
      address.users.add(payerUser, user);
    }
    return { address, user };
  }
}

function isDone({ size, debt }: Account): boolean {
  return size === 0 && debt < quantum;
}

/** The next account that waits and owes less than a quantum. Each that is passed over owes a quantum less. */
function nextOf<Entry extends Account>(accounts: Ring<string, Entry>): Entry | undefined {
  for (let account = accounts.next(); account !== undefined; account = accounts.next()) {
    if (account.size > 0 && account.debt < quantum) return account;
    account.debt -= quantum;
    if (isDone(account)) accounts.delete(account.key);
  }
  return undefined;
}
