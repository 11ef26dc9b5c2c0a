// The order in which password hashes are made, and who is refused when too many wait. Pure: the caller hands in the
// time.
//
// A hash costs so much that a few hundred addresses, each within its limits, ask for ten times as many as can be made.
// Nothing that such a flood sends may keep others out. What it can't forge at will are addresses, and addresses from
// which somebody has logged in. So the rule is:
//
// 1. Operators have places of their own, and the next turn.
// 2. Addresses from which a login succeeded lately, the known ones, have three turns of four and three quarters of the
//    places while they need them. Strangers have the others.
// 3. Within these two, the address that had the fewest hashes lately comes first: each hash that waits or was made
//    counts, and one is forgotten every five minutes. Of equal addresses the one comes first whose account was asked for
//    least, so that a flood against one account from ever new addresses does not keep those out who want another. Then
//    comes who was refused first, or asked first.
// 4. When the queue is full, the last in this order is refused, which may be the one that comes.
//
// An account counts only between equal addresses: otherwise anybody could keep its owner out. Whether an account exists
// makes no difference anywhere here.

/** Who asks for a hash, and pays for it. */
export interface HashAsker {
  /** An address, as limits count them, or `operatorAddress`. */
  readonly address: string;
  /** The key of the account's name, whether there is such an account or not. */
  readonly account: string;
}

/** What operators have in the place of an address. */
export const operatorAddress = 'operator';

/** Milliseconds in which one hash of an address or an account is forgotten. */
const forgetting = 300_000;
/** Milliseconds for which it counts that an address was refused. */
const refusedFor = 600_000;
/** The most addresses or accounts that are remembered for each purpose. Those of the longest ago are dropped first. */
const most = 50_000;

/** Sets a value as the newest, and drops the oldest of too many. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const [oldest] of map) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}

/** Counts hashes by key, and forgets them one by one. */
class Usage {
  readonly #counts = new Map<string, { readonly count: number; readonly since: number }>();

  /** The hashes that are not forgotten, rounded up. */
  of(key: string, now: number): number {
    return Math.ceil(this.#left(key, now));
  }

  add(key: string, hashes: 1 | -1, now: number): void {
    const count = this.#left(key, now) + hashes;
    if (count <= 0) this.#counts.delete(key);
    else remember(this.#counts, key, { count, since: now });
  }

  #left(key: string, now: number): number {
    const found = this.#counts.get(key);
    return found === undefined ? 0 : Math.max(0, found.count - (now - found.since) / forgetting);
  }
}

interface Entry<Item> {
  readonly item: Item;
  readonly asker: HashAsker;
  /** What the order depends on, the most important first. */
  readonly rank: readonly [ofAddress: number, ofAccount: number, since: number, arrival: number];
}

/** Those of equal rights, in the order of their turns. */
class Line<Item> {
  /** In order. */
  readonly #entries: Entry<Item>[] = [];
  /** When an address was refused first, of those that had no hash since; and how many were refused before. */
  readonly #refused = new Map<string, { readonly since: number; readonly number: number }>();
  #refusals = 0;

  get length(): number {
    return this.#entries.length;
  }

  add(
    item: Item,
    asker: HashAsker,
    usage: readonly [ofAddress: number, ofAccount: number],
    now: number,
    arrival: number,
  ): void {
    const since = this.#refused.get(asker.address)?.since ?? now;
    const entry: Entry<Item> = { item, asker, rank: [...usage, since, arrival] };
    const before = this.#entries.findLastIndex(({ rank }) => isBefore(rank, entry.rank));
    this.#entries.splice(before + 1, 0, entry);
  }

  takeFirst(): Entry<Item> | undefined {
    const first = this.#entries.shift();
    if (first !== undefined) this.#refused.delete(first.asker.address);
    return first;
  }

  /** Takes the last one, which is refused. Answers how many hashes are made before it would have one. */
  refuseLast(now: number): { readonly entry: Entry<Item>; readonly ahead: number } | undefined {
    const entry = this.#entries.pop();
    if (entry === undefined) return undefined;
    const { address } = entry.asker;
    for (const [oldest, { since }] of this.#refused) {
      if (now - since < refusedFor && this.#refused.size < most) break;
      this.#refused.delete(oldest);
    }
    const refused = this.#refused.get(address) ?? { since: now, number: (this.#refusals += 1) };
    this.#refused.set(address, refused);
    const [[, first] = ['', refused]] = this.#refused;
    // Half of those that wait: then half of the places are free again. Before that, those that were refused earlier.
    return { entry, ahead: this.length / 2 + Math.min(refused.number - first.number, this.#refused.size - 1) };
  }

  clear(): readonly Item[] {
    return this.#entries.splice(0).map(({ item }) => item);
  }
}

function isBefore(one: Entry<unknown>['rank'], other: Entry<unknown>['rank']): boolean {
  const differing = one.findIndex((value, at) => value !== other[at]);
  return (one[differing] ?? 0) < (other[differing] ?? 0);
}

/** One that was refused. */
export interface RefusedHash<Item> {
  readonly item: Item;
  /** How many hashes will be made before it can have one, if others come back as it does. */
  readonly ahead: number;
}

/** What a queue takes from the settings. */
export interface HashQueueOptions {
  /** Of this many turns one is for strangers, and of this many places, while known addresses wait too. */
  readonly strangersShare: number;
  /** Whether a login from an address succeeded lately. */
  readonly isKnown: (address: string) => boolean;
}

/** A bounded queue of those who wait for a password hash. The rule is at the head of this file. */
export class HashQueue<Item> {
  readonly #limit: number;
  readonly #options: HashQueueOptions;
  readonly #lines = { operators: new Line<Item>(), known: new Line<Item>(), strangers: new Line<Item>() };
  readonly #addresses = new Usage();
  readonly #accounts = new Usage();
  #arrivals = 0;
  #turns = 0;

  /** @param limit how many may wait; as many operators beside them */
  constructor(limit: number, options: HashQueueOptions) {
    this.#limit = limit;
    this.#options = options;
  }

  get length(): number {
    const { operators, known, strangers } = this.#lines;
    return operators.length + known.length + strangers.length;
  }

  /** Adds one that waits. Where that is one too many, answers who is refused for it: it, or another. */
  add(item: Item, asker: HashAsker, now: number): RefusedHash<Item> | undefined {
    const { address, account } = asker;
    const line = this.#lineOf(address);
    // An account's count is that of the line: otherwise strangers could put its owner's known address behind others.
    const inLine = `${line === this.#lines.known ? 'known' : 'other'} ${account}`;
    const usage = [this.#addresses.of(address, now), this.#accounts.of(inLine, now)] as const;
    this.#arrivals += 1;
    line.add(item, { address, account: inLine }, usage, now, this.#arrivals);
    this.#count({ address, account: inLine }, 1, now);
    const full = this.#fullLine();
    const refused = full?.refuseLast(now);
    if (refused === undefined) return undefined;
    // Only who had a hash pays for it.
    this.#count(refused.entry.asker, -1, now);
    return { item: refused.entry.item, ahead: refused.ahead };
  }

  /** Takes the one whose turn it is. */
  take(): Item | undefined {
    const { operators, known, strangers } = this.#lines;
    if (operators.length > 0) return operators.takeFirst()?.item;
    if (known.length > 0 && strangers.length > 0) this.#turns += 1;
    const isStrangers = known.length === 0 || this.#turns % this.#options.strangersShare === 0;
    return (isStrangers && strangers.length > 0 ? strangers : known).takeFirst()?.item;
  }

  /** Takes all that wait. */
  clear(): readonly Item[] {
    return Object.values(this.#lines).flatMap((line) => line.clear());
  }

  #lineOf(address: string): Line<Item> {
    if (address === operatorAddress) return this.#lines.operators;
    return this.#options.isKnown(address) ? this.#lines.known : this.#lines.strangers;
  }

  /** The line that has too many. */
  #fullLine(): Line<Item> | undefined {
    const { operators, known, strangers } = this.#lines;
    if (operators.length > this.#limit) return operators;
    if (known.length + strangers.length <= this.#limit) return undefined;
    return strangers.length > Math.floor(this.#limit / this.#options.strangersShare) ? strangers : known;
  }

  #count({ address, account }: HashAsker, hashes: 1 | -1, now: number): void {
    if (address === operatorAddress) return;
    this.#addresses.add(address, hashes, now);
    this.#accounts.add(account, hashes, now);
  }
}
