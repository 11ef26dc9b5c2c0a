// A queue in which whoever waits gets its turn, however many others wait: fair among addresses, inside an address among
// users, and inside a user among items. Who has used less goes first (start-time-queue.ts), so whoever asks for little
// hardly waits for those who ask for much. Pure.
import type { Payer } from './payer.js';
import { StartTimeQueue, type Account } from './start-time-queue.js';

/** The part of a payer by which it is counted. */
export type PayerKeys = Pick<Payer, 'payerAddress' | 'payerUser'>;

/** What a turn costs where nobody measures it. */
const defaultTurnCost = 0.25;

interface UserPlace<Item> extends Account {
  /** The first has waited longest for its turn. */
  readonly items: Set<Item>;
}

interface AddressPlace<Item> extends Account {
  readonly users: StartTimeQueue<UserPlace<Item>>;
}

/** Where an item waits. The item's payer may change meanwhile. */
interface Place<Item> {
  readonly address: AddressPlace<Item>;
  readonly user: UserPlace<Item>;
}

const nobody = { size: 0, start: 0, order: 0, place: 0 } as const;

/** The waiting items of one class. */
export class FairQueue<Item> {
  #addresses = new StartTimeQueue<AddressPlace<Item>>();
  readonly #places = new Map<Item, Place<Item>>();

  /** @param turnCost what each turn costs its payer, besides what it is charged: as much as many short turns take */
  constructor(private readonly turnCost = defaultTurnCost) {}

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
    const { address, user } = place;
    user.items.add(item);
    user.size += 1;
    if (user.size === 1) address.users.woke(user);
    address.size += 1;
    if (address.size === 1) this.#addresses.woke(address);
    this.#places.set(item, place);
  }

  /** Removes an item. Does nothing if it does not wait. */
  delete(item: Item): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    place.user.items.delete(item);
    place.user.size -= 1;
    place.address.size -= 1;
    // Nobody is left who could go first.
    if (this.size === 0) this.#addresses = new StartTimeQueue();
  }

  /**
   * The item whose turn it is; undefined if none waits. It stays in the queue, and its next turn is the last of its
   * user's.
   */
  next(): Item | undefined {
    const address = this.#addresses.next();
    const user = address?.users.next();
    if (address === undefined || user === undefined) return undefined;
    this.#addresses.charge(address, this.turnCost);
    address.users.charge(user, this.turnCost);
    const [item] = user.items;
    if (item === undefined) return undefined;
    user.items.delete(item);
    user.items.add(item);
    return item;
  }

  /**
   * Charges a payer for a turn that it has had. It lets others go first in proportion, if somebody waits.
   * @param cost in the unit of the turn's cost, for example milliseconds
   */
  charge(payer: PayerKeys, cost: number): void {
    if (this.size === 0) return;
    const { address, user } = this.#place(payer);
    this.#addresses.charge(address, cost);
    address.users.charge(user, cost);
  }

  /**
   * The item that should give way where too many wait: the newest of the user with the most, of the address with the
   * most.
   */
  heaviest(): Item | undefined {
    const waiting = ({ size }: Account): number => (size === 0 ? -1 : size);
    const address = this.#addresses.heaviest(waiting);
    return [...(address?.users.heaviest(waiting)?.items ?? [])].at(-1);
  }

  #place({ payerAddress, payerUser }: PayerKeys): Place<Item> {
    let address = this.#addresses.get(payerAddress);
    if (address === undefined) {
      address = { ...nobody, key: payerAddress, users: new StartTimeQueue() };
      this.#addresses.add(address);
    }
    let user = address.users.get(payerUser);
    if (user === undefined) {
      user = { ...nobody, key: payerUser, items: new Set() };
      address.users.add(user);
    }
    return { address, user };
  }
}
