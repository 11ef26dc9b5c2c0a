// What wrong passwords cost: after some of them the next try has to wait, longer each time. What is counted is one address's
// tries at one account, so that nobody can keep its owner out from elsewhere; an account that is tried from everywhere
// gives each address a single try for nothing. Monotonic time is handed in; nothing here has a clock.

/** Wrong passwords without a wait: of one address at one account · there, while the account is under attack · of one address at all. */
const free = { pair: 5, pairUnderAttack: 1, address: 20 } as const;
/** Wrong passwords for one account, from wherever, that are an attack. */
const attack = 20;

/** The first wait and the longest; what is forgotten after so long a time without a wrong password; milliseconds. */
const first = 1000;
const longest = 60_000;
const memory = 600_000;

/** The most that is remembered of each kind. What was wrong longest ago is forgotten for it. */
const mostKept = 50_000;

interface Count {
  readonly wrong: number;
  readonly last: number;
}

class Counts {
  /** In the order of their last change. */
  readonly #counts = new Map<string, Count>();

  get(key: string, now: number): Count | undefined {
    const count = this.#counts.get(key);
    return count !== undefined && now - count.last < memory ? count : undefined;
  }

  add(key: string, now: number): void {
    const wrong = (this.get(key, now)?.wrong ?? 0) + 1;
    this.#counts.delete(key);
    this.#counts.set(key, { wrong, last: now });
    for (const [oldest, { last }] of this.#counts) {
      if (this.#counts.size <= mostKept && now - last < memory) return;
      this.#counts.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#counts.delete(key);
  }
}

function waitAfter(count: Count | undefined, allowed: number, now: number): number {
  if (count === undefined || count.wrong < allowed) return 0;
  return Math.max(0, count.last + Math.min(longest, first * 2 ** (count.wrong - allowed)) - now);
}

export class Backoff {
  readonly #pairs = new Counts();
  readonly #accounts = new Counts();
  readonly #addresses = new Counts();

  /** Milliseconds until this address may try this account, 0 for now. Whether there is such an account makes no difference. */
  wait(account: string, address: string, now: number): number {
    const underAttack = (this.#accounts.get(account, now)?.wrong ?? 0) >= attack;
    const pair = this.#pairs.get(`${address} ${account}`, now);
    return Math.ceil(Math.max(
      waitAfter(pair, underAttack ? free.pairUnderAttack : free.pair, now),
      waitAfter(this.#addresses.get(address, now), free.address, now),
    ));
  }

  failed(account: string, address: string, now: number): void {
    this.#pairs.add(`${address} ${account}`, now);
    this.#accounts.add(account, now);
    this.#addresses.add(address, now);
  }

  /** The owner was here: this address is good for the account. Not for others: who has one account may try those of others. */
  succeeded(account: string, address: string): void {
    this.#pairs.delete(`${address} ${account}`);
  }
}
