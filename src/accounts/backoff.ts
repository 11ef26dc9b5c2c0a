// What wrong passwords cost: after some of them the next try has to wait, longer each time. What is counted is one
// address's tries at one account, so that nobody can keep its owner out from elsewhere; an account that is tried from
// everywhere gives each address a single try for nothing. A try counts as wrong from its beginning on and is taken
// back when it was right: else those that are sent at once would all pass. Monotonic time is handed in; nothing here
// has a clock.

/**
 * Failures allowed before the first delay: per address and account; the same while the account is under attack; per
 * address.
 */
const free = { pair: 5, pairUnderAttack: 1, address: 20 } as const;
/** An account is under attack after this many failures, from whatever addresses. */
const attack = 20;

/** The first delay, the longest delay, and the time without a failure after which failures are forgotten; milliseconds. */
const first = 1000;
const longest = 60_000;
const memory = 600_000;

/** The most entries that are kept of each kind. The entry with the oldest failure is dropped first. */
const mostKept = 50_000;

interface Count {
  /** Tries that were wrong, and those that are not decided yet. */
  readonly wrong: number;
  readonly undecided: number;
  readonly last: number;
}

/** What a try changed of a count, so that it can be taken back. */
interface Counted {
  /** Forgets the try: it was right, or was none. */
  undo(): void;
  /** Forgets all tries that are decided, and this one. */
  clear(): void;
  /** It was wrong, which is known at the time `now`: the delay counts from then, however long the check took. */
  keep(now: number): void;
}

class Counts {
  /** In the order of their last change. */
  readonly #counts = new Map<string, Count>();

  get(key: string, now: number): Count | undefined {
    const count = this.#counts.get(key);
    return count !== undefined && now - count.last < memory ? count : undefined;
  }

  add(key: string, now: number): Counted {
    const before = this.get(key, now);
    this.#counts.delete(key);
    this.#counts.set(key, { wrong: (before?.wrong ?? 0) + 1, undecided: (before?.undecided ?? 0) + 1, last: now });
    this.#forget(now);
    return {
      // The last one is the one before again, unless another try has come since.
      undo: () =>
        this.#change(key, ({ wrong, undecided, last }) => ({
          wrong: wrong - 1,
          undecided: undecided - 1,
          last: last === now ? (before?.last ?? last) : last,
        })),
      clear: () =>
        this.#change(key, ({ undecided, last }) => ({ wrong: undecided - 1, undecided: undecided - 1, last })),
      keep: (known) => this.#keep(key, known),
    };
  }

  /**
   * Changes what is remembered, in its place in the order. What was forgotten meanwhile stays so, and a count of
   * nothing is.
   */
  #change(key: string, change: (count: Count) => Count): void {
    const count = this.#counts.get(key);
    if (count === undefined || count.undecided === 0) return;
    const changed = change(count);
    if (changed.wrong <= 0) this.#counts.delete(key);
    else this.#counts.set(key, changed);
  }

  #keep(key: string, now: number): void {
    const count = this.#counts.get(key);
    if (count === undefined || count.undecided === 0) return;
    // The order is that of the last failure.
    this.#counts.delete(key);
    this.#counts.set(key, { wrong: count.wrong, undecided: count.undecided - 1, last: Math.max(count.last, now) });
  }

  #forget(now: number): void {
    for (const [oldest, { last }] of this.#counts) {
      if (this.#counts.size <= mostKept && now - last < memory) return;
      this.#counts.delete(oldest);
    }
  }
}

function waitAfter(count: Count | undefined, allowed: number, now: number): number {
  if (count === undefined || count.wrong < allowed) return 0;
  return Math.max(0, count.last + Math.min(longest, first * 2 ** (count.wrong - allowed)) - now);
}

/** A try whose password is being checked. Exactly one of its methods is called, once. */
export interface Attempt {
  /**
   * The owner was here: this address is good for the account. Not for others: who has one account may try those of
   * others.
   */
  succeeded(): void;
  /** The password was wrong, which is known at the time `now`. */
  failed(now: number): void;
  /** The password was not checked: as if there had been no try. */
  withdraw(): void;
}

export class Backoff {
  readonly #pairs = new Counts();
  readonly #accounts = new Counts();
  readonly #addresses = new Counts();

  /**
   * Milliseconds until this address may try this account, 0 for now. Whether there is such an account makes no
   * difference.
   */
  wait(account: string, address: string, now: number): number {
    const underAttack = (this.#accounts.get(account, now)?.wrong ?? 0) >= attack;
    const pair = this.#pairs.get(`${address} ${account}`, now);
    return Math.ceil(
      Math.max(
        waitAfter(pair, underAttack ? free.pairUnderAttack : free.pair, now),
        waitAfter(this.#addresses.get(address, now), free.address, now),
      ),
    );
  }

  /**
   * A try begins, which counts as wrong until it is known. In the same step as `wait`, or others may come in between.
   */
  begin(account: string, address: string, now: number): Attempt {
    const pair = this.#pairs.add(`${address} ${account}`, now);
    const others = [this.#accounts.add(account, now), this.#addresses.add(address, now)];
    return {
      succeeded: () => {
        pair.clear();
        for (const count of others) count.undo();
      },
      failed: (known) => {
        for (const count of [pair, ...others]) count.keep(known);
      },
      withdraw: () => {
        for (const count of [pair, ...others]) count.undo();
      },
    };
  }
}
