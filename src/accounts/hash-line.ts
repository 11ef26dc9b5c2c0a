// Those of equal rights who wait for a password hash, in the orders in which they have turns (hash-queue.ts). Pure.
import { mostRemembered } from './hash-usage.js';

/**
 * What an order goes by: the address, the network that one owner usually has (a /24 or a /48), or the one that a
 * provider usually has (a /16 or a /32).
 */
export type HashScale = 'address' | 'network' | 'provider';

/** All scales. */
export const hashScales: readonly HashScale[] = ['address', 'network', 'provider'];

/**
 * The orders by which turns are given, one after the other. Half of them go by address: a user whose neighbours have
 * asked for much must not wait for all networks that have asked for less.
 */
const turns: readonly HashScale[] = ['address', 'network', 'address', 'provider'];

/** Milliseconds for which it counts that an address was refused. */
const refusedFor = 600_000;

/** One that waits. */
export interface HashEntry<Item> {
  readonly item: Item;
  /** Whoever asks: its address, as limits count them. */
  readonly address: string;
  /** How many hashes there were lately of the address and its networks. */
  readonly usage: Readonly<Record<HashScale, number>>;
  /** How many there were of the account. */
  readonly ofAccount: number;
}

interface Waiting<Entry> {
  readonly entry: Entry;
  /** What the order depends on behind the usage, the most important first. */
  readonly behind: readonly [ofAccount: number, since: number, arrival: number];
}

/** Those of equal rights, in each order. */
export class HashLine<Entry extends HashEntry<unknown>> {
  readonly #orders: Readonly<Record<HashScale, Waiting<Entry>[]>> = { address: [], network: [], provider: [] };
  /** When an address was refused first, of those that had no hash since; and how many were refused before. */
  readonly #refused = new Map<string, { readonly since: number; readonly number: number }>();
  #refusals = 0;
  #turns = 0;

  get length(): number {
    return this.#orders.address.length;
  }

  add(entry: Entry, now: number, arrival: number): void {
    const since = this.#refused.get(entry.address)?.since ?? now;
    const waiting: Waiting<Entry> = { entry, behind: [entry.ofAccount, since, arrival] };
    for (const scale of hashScales) {
      const order = this.#orders[scale];
      const before = order.findLastIndex((other) => isBefore(other, waiting, scale));
      order.splice(before + 1, 0, waiting);
    }
  }

  /** Takes the one whose turn it is. */
  takeFirst(): Entry | undefined {
    const [first] = this.#orders[turns[this.#turns % turns.length] ?? 'address'];
    if (first === undefined) return undefined;
    this.#turns += 1;
    this.#remove(first);
    this.#refused.delete(first.entry.address);
    return first.entry;
  }

  /** Takes the one that is refused. Answers how many hashes are made before it would have one. */
  refuseLast(now: number): { readonly entry: Entry; readonly ahead: number } | undefined {
    const last = this.#last();
    if (last === undefined) return undefined;
    this.#remove(last);
    const { address } = last.entry;
    for (const [oldest, { since }] of this.#refused) {
      if (now - since < refusedFor && this.#refused.size < mostRemembered) break;
      this.#refused.delete(oldest);
    }
    const refused = this.#refused.get(address) ?? { since: now, number: (this.#refusals += 1) };
    this.#refused.set(address, refused);
    const [[, first] = ['', refused]] = this.#refused;
    // Half of those that wait: then half of the places are free again. Before that, those that were refused earlier.
    const ahead = this.length / 2 + Math.min(refused.number - first.number, this.#refused.size - 1);
    return { entry: last.entry, ahead };
  }

  clear(): readonly Entry[] {
    const { address, network, provider } = this.#orders;
    for (const order of [network, provider]) order.length = 0;
    return address.splice(0).map(({ entry }) => entry);
  }

  /** The last one by address of those that are in the first quarter by neither network. Of two, these may be none. */
  #last(): Waiting<Entry> | undefined {
    const { address, network, provider } = this.#orders;
    const quarter = Math.ceil((this.length - 1) / 4);
    const near = new Set([...network.slice(0, quarter), ...provider.slice(0, quarter)]);
    return address.findLast((waiting) => !near.has(waiting)) ?? address.at(-1);
  }

  #remove(waiting: Waiting<Entry>): void {
    for (const order of Object.values(this.#orders)) order.splice(order.indexOf(waiting), 1);
  }
}

function isBefore(one: Waiting<HashEntry<unknown>>, other: Waiting<HashEntry<unknown>>, scale: HashScale): boolean {
  const usage = one.entry.usage[scale] - other.entry.usage[scale];
  if (usage !== 0) return usage < 0;
  const differing = one.behind.findIndex((value, at) => value !== other.behind[at]);
  return (one.behind[differing] ?? 0) < (other.behind[differing] ?? 0);
}
