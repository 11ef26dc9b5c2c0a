// A queue of those who wait, of all classes: operators come first, users and guests share the time that is left. Inside
// a class addresses, users and sessions take turns (fair-queue.ts). Pure.
import { FairQueue, type PayerKeys } from '../turns/fair-queue.js';
import type { Payer, PayerClass } from '../turns/payer.js';

/** The parts of the time that users and guests have while both wait. */
const shares = { user: 3, guest: 2 } as const;

/** The most that a class can have had too much or too little, in milliseconds by its share: who did not wait saves nothing. */
const maxLead = 2;

/** What waits, by its payer. */
export class PayerQueue<Item> {
  readonly #classes: Readonly<Record<PayerClass, FairQueue<Item>>> = {
    operator: new FairQueue(),
    user: new FairQueue(),
    guest: new FairQueue(),
  };
  /** By how much users have had more than guests, in milliseconds by their shares. Negative where guests have. */
  #lead = 0;

  /** How many items wait. */
  get size(): number {
    const { operator, user, guest } = this.#classes;
    return operator.size + user.size + guest.size;
  }

  /** Adds an item, which must not wait already. */
  add(item: Item, payer: Payer): void {
    this.#classes[payer.payerClass].add(item, payer);
  }

  /** Removes the item whose turn it is, and answers it; undefined if none waits. */
  take(): Item | undefined {
    const queue = this.#next();
    const item = queue.next();
    if (item !== undefined) queue.delete(item);
    return item;
  }

  /** Charges a payer for the milliseconds that its turn took. */
  charge(payer: PayerKeys & Pick<Payer, 'payerClass'>, milliseconds: number): void {
    const { payerClass } = payer;
    this.#classes[payerClass].charge(payer, milliseconds);
    if (payerClass === 'operator') return;
    const had = milliseconds / shares[payerClass];
    this.#lead = Math.max(-maxLead, Math.min(maxLead, this.#lead + (payerClass === 'user' ? had : -had)));
  }

  #next(): FairQueue<Item> {
    const { operator, user, guest } = this.#classes;
    if (operator.size > 0) return operator;
    if (user.size === 0 || guest.size === 0) return user.size > 0 ? user : guest;
    return this.#lead <= 0 ? user : guest;
  }
}
