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
//    counts, and one is forgotten every five minutes. Of equal addresses the one comes first whose account was asked
//    for least, so that a flood against one account from ever new addresses does not keep those out who want another.
//    Then comes who was refused first, or asked first.
// 4. Addresses of one network are cheap: whoever has one has hundreds, or 65,536 of IPv6. So every other turn goes by
//    network, by turns a /24 and a /16, of IPv6 a /48 and a /32. Networks take turns, and what one had counts only
//    while others wait that had fewer: a large one may have many users (network-starts.ts). A user of a network of
//    which nobody else waits or has just had turns has one after a few others, however many addresses flood. The
//    other half of the turns stays with rule 3, so a user in a network that floods waits at most twice as long as
//    without this rule.
// 5. When the queue is full, the last by address is refused, which may be the one that comes, but nobody who is in the
//    first quarter by one of its networks.
//
// An account counts only between equal addresses: otherwise anybody could keep its owner out. Whether an account exists
// makes no difference anywhere here.
import { around } from '../ip/networks.js';
import { HashLine, type HashEntry } from './hash-line.js';
import { HashUsage } from './hash-usage.js';

/** Who asks for a hash, and pays for it. */
export interface HashAsker {
  /** An address, as limits count them, or `operatorAddress`. */
  readonly address: string;
  /** The key of the account's name, whether there is such an account or not. */
  readonly account: string;
}

/** What operators have in the place of an address. */
export const operatorAddress = 'operator';

interface Entry<Item> extends HashEntry<Item> {
  /** What its account is counted under. */
  readonly account: string;
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
  readonly #lines = {
    operators: new HashLine<Entry<Item>>(),
    known: new HashLine<Entry<Item>>(),
    strangers: new HashLine<Entry<Item>>(),
  };
  readonly #usage = { address: new HashUsage(), account: new HashUsage() };
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
    const { address } = asker;
    const line = this.#lineOf(address);
    // An account is counted for each line, or strangers could put its owner's known address behind others.
    const account = `${line === this.#lines.known ? 'known' : 'other'} ${asker.account}`;
    const [ofAddress, ofAccount] = [this.#usage.address.of(address, now), this.#usage.account.of(account, now)];
    this.#arrivals += 1;
    const entry = { item, address, account, networks: networksOf(address), ofAddress, ofAccount };
    line.add(entry, now, this.#arrivals);
    this.#count(entry, 1, now);
    const refused = this.#fullLine()?.refuseLast(now);
    if (refused === undefined) return undefined;
    // Only who had a hash pays for it.
    this.#count(refused.entry, -1, now);
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
    return Object.values(this.#lines).flatMap((line) => line.clear().map(({ item }) => item));
  }

  #lineOf(address: string): HashLine<Entry<Item>> {
    if (address === operatorAddress) return this.#lines.operators;
    return this.#options.isKnown(address) ? this.#lines.known : this.#lines.strangers;
  }

  /** The line that has too many. */
  #fullLine(): HashLine<Entry<Item>> | undefined {
    const { operators, known, strangers } = this.#lines;
    if (operators.length > this.#limit) return operators;
    if (known.length + strangers.length <= this.#limit) return undefined;
    return strangers.length > Math.floor(this.#limit / this.#options.strangersShare) ? strangers : known;
  }

  #count({ address, account }: HashAsker, hashes: 1 | -1, now: number): void {
    if (address === operatorAddress) return;
    this.#usage.address.add(address, hashes, now);
    this.#usage.account.add(account, hashes, now);
  }
}

function networksOf(address: string): HashEntry<unknown>['networks'] {
  return {
    network: around(address, { ipv4: 24, ipv6: 48 }),
    provider: around(address, { ipv4: 16, ipv6: 32 }),
  };
}
