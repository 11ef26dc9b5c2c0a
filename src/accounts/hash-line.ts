// Those of equal rights who wait for a password hash, in the orders in which they have turns (hash-queue.ts). Pure.
import { mostRemembered } from './hash-usage.js';
import { NetworkStarts, type Network } from './network-starts.js';

/** The network that one owner usually has (a /24 or a /48), or the one that a provider usually has (a /16 or a /32). */
export type NetworkScale = 'network' | 'provider';

const networkScales: readonly NetworkScale[] = ['network', 'provider'];

/**
 * The orders by which turns are given, one after the other. Half of them go by address: a user whose neighbours have
 * asked for much must not wait for all networks that have asked for less.
 */
const turns: readonly ('address' | NetworkScale)[] = ['address', 'network', 'address', 'provider'];

/** Milliseconds for which it counts that an address was refused. */
const refusedFor = 600_000;

/** One that waits. */
export interface HashEntry<Item> {
  readonly item: Item;
  /** Whoever asks: its address, as limits count them. */
  readonly address: string;
  /** The networks of the address. */
  readonly networks: Readonly<Record<NetworkScale, string>>;
  /** How many hashes there were lately of the address. */
  readonly ofAddress: number;
  /** How many there were of the account. */
  readonly ofAccount: number;
}

interface Waiting<Entry> extends Readonly<Record<NetworkScale, Network>> {
  readonly entry: Entry;
  /** What the order by address depends on, the most important first. */
  readonly rank: readonly [ofAddress: number, ofAccount: number, since: number, arrival: number];
}

/** Those of equal rights, in each order. */
export class HashLine<Entry extends HashEntry<unknown>> {
  /** In the order by address. */
  readonly #waiting: Waiting<Entry>[] = [];
  readonly #starts = { network: new NetworkStarts(), provider: new NetworkStarts() };
  /** When an address was refused first, of those that had no hash since; and how many were refused before. */
  readonly #refused = new Map<string, { readonly since: number; readonly number: number }>();
  #refusals = 0;
  #turns = 0;

  get length(): number {
    return this.#waiting.length;
  }

  add(entry: Entry, now: number, arrival: number): void {
    const since = this.#refused.get(entry.address)?.since ?? now;
    const waiting: Waiting<Entry> = {
      entry,
      rank: [entry.ofAddress, entry.ofAccount, since, arrival],
      network: this.#starts.network.came(entry.networks.network, this.#networks('network')),
      provider: this.#starts.provider.came(entry.networks.provider, this.#networks('provider')),
    };
    const before = this.#waiting.findLastIndex((other) => isBefore(other, waiting));
    this.#waiting.splice(before + 1, 0, waiting);
  }

  /** Takes the one whose turn it is. */
  takeFirst(): Entry | undefined {
    const scale = turns[this.#turns % turns.length] ?? 'address';
    const place = scale === 'address' ? 0 : firstOf(this.#turnsBy(scale));
    const first = this.#waiting[place];
    if (first === undefined) return undefined;
    this.#turns += 1;
    this.#remove(first);
    for (const each of networkScales) this.#starts[each].had(first[each]);
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
    return this.#waiting.splice(0).map(({ entry }) => entry);
  }

  /** The virtual times at which those who wait have turns. */
  #turnsBy(scale: NetworkScale): readonly number[] {
    return this.#starts[scale].turnsOf(this.#networks(scale));
  }

  #networks(scale: NetworkScale): readonly Network[] {
    return this.#waiting.map((waiting) => waiting[scale]);
  }

  /** The last one by address of those that are in the first quarter by neither network. If there are none: the last. */
  #last(): Waiting<Entry> | undefined {
    const quarter = Math.ceil((this.length - 1) / 4);
    const near = networkScales.map((scale) => areFirst(this.#turnsBy(scale), quarter));
    return this.#waiting.findLast((_, at) => near.every((isNear) => isNear[at] === false)) ?? this.#waiting.at(-1);
  }

  #remove(waiting: Waiting<Entry>): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
  }
}

function isBefore({ rank: one }: Waiting<unknown>, { rank: other }: Waiting<unknown>): boolean {
  for (const [at, value] of one.entries()) if (value !== other[at]) return value < (other[at] ?? 0);
  return false;
}

/** The place of the least number; of equal ones the first. */
function firstOf(numbers: readonly number[]): number {
  return numbers.reduce((least, number, at) => (number < (numbers[least] ?? 0) ? at : least), 0);
}

/** Whether each is one of the `count` least numbers; of equal ones the first are. */
function areFirst(numbers: readonly number[], count: number): readonly boolean[] {
  const most = Float64Array.from(numbers).sort()[count - 1] ?? -Infinity;
  let equal = count - numbers.filter((number) => number < most).length;
  return numbers.map((number) => number < most || (number === most && (equal -= 1) >= 0));
}
