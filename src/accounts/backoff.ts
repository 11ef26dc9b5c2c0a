// Delays after wrong passwords, longer with each one. Failures are counted for each pair of address and account, so
// that nobody can lock the account's owner out from elsewhere. While an account is under attack from many addresses,
// each of them has one failure without a delay. An attempt counts as a failure from its beginning, and is taken back
// when the password was right: otherwise attempts that are sent at once would all pass. The caller hands in the time;
// nothing here reads a clock. The numbers are no settings: they are promised to users (PROTOCOL.md §6).

/** Failures allowed before the first delay: per pair; per pair under attack; per address. */
const allowedFailures = { pair: 5, pairUnderAttack: 1, address: 20 } as const;
/** An account is under attack after this many failures, from whatever addresses. */
const attackFailures = 20;

/** The delay after the first failure beyond those allowed. Each further one doubles it. Milliseconds. */
const firstDelay = 1000;
const longestDelay = 60_000;
/** Milliseconds without a failure after which failures are forgotten. */
const memory = 600_000;

/** The most counts of each kind. Beyond it the count with the oldest failure is dropped. */
const maxCounts = 50_000;

interface Count {
  /** Attempts that failed, and those that are not decided yet. */
  readonly failures: number;
  /** Of the failures, those that are not decided yet. */
  readonly undecided: number;
  /** The time of the last one. */
  readonly last: number;
}

/** An attempt in one of the counts. */
interface CountedAttempt {
  /** Takes the attempt back: the password was right, or was not checked. */
  undo(): void;
  /** Forgets all decided failures, and this attempt. */
  clear(): void;
  /** Confirms the failure. The delay counts from `now`, when it is known, however long the check took. */
  confirm(now: number): void;
}

/** Counts of failures by key: an account, an address, or a pair of both. */
class Counts {
  /** In the order of the last failure. */
  readonly #counts = new Map<string, Count>();

  /** The count, unless its failures are forgotten by now. */
  get(key: string, now: number): Count | undefined {
    const count = this.#counts.get(key);
    return count !== undefined && now - count.last < memory ? count : undefined;
  }

  /** Counts an attempt. */
  add(key: string, now: number): CountedAttempt {
    const before = this.get(key, now);
    this.#counts.delete(key);
    this.#counts.set(key, {
      failures: (before?.failures ?? 0) + 1,
      undecided: (before?.undecided ?? 0) + 1,
      last: now,
    });
    this.#forget(now);
    return {
      // The last failure is the one before again, unless another attempt has come since.
      undo: () =>
        this.#change(key, ({ failures, undecided, last }) => ({
          failures: failures - 1,
          undecided: undecided - 1,
          last: last === now ? (before?.last ?? last) : last,
        })),
      clear: () =>
        this.#change(key, ({ undecided, last }) => ({ failures: undecided - 1, undecided: undecided - 1, last })),
      confirm: (known) => this.#confirm(key, known),
    };
  }

  /**
   * Changes a count in its place in the order. One that was forgotten meanwhile stays so, and one of nothing is
   * dropped.
   */
  #change(key: string, change: (count: Count) => Count): void {
    const count = this.#counts.get(key);
    if (count === undefined || count.undecided === 0) return;
    const changed = change(count);
    if (changed.failures <= 0) this.#counts.delete(key);
    else this.#counts.set(key, changed);
  }

  #confirm(key: string, now: number): void {
    const count = this.#counts.get(key);
    if (count === undefined || count.undecided === 0) return;
    // Deleted first: the order is that of the last failure.
    this.#counts.delete(key);
    this.#counts.set(key, { ...count, undecided: count.undecided - 1, last: Math.max(count.last, now) });
  }

  #forget(now: number): void {
    for (const [oldest, { last }] of this.#counts) {
      if (this.#counts.size <= maxCounts && now - last < memory) return;
      this.#counts.delete(oldest);
    }
  }
}

/** Milliseconds that are left of the delay after those failures. */
function delayLeft(count: Count | undefined, allowed: number, now: number): number {
  if (count === undefined || count.failures < allowed) return 0;
  const delay = Math.min(longestDelay, firstDelay * 2 ** (count.failures - allowed));
  return Math.max(0, count.last + delay - now);
}

/** An attempt whose password is being checked. Exactly one of its methods must be called, once. */
export interface Attempt {
  /**
   * The password was right. Failures of this address at this account are forgotten, those at other accounts are not:
   * whoever has an account may be trying those of others.
   */
  succeeded(): void;
  /** The password was wrong. @param now when this is known */
  failed(now: number): void;
  /** The password was not checked: as if there had been no attempt. */
  withdraw(): void;
}

/** The delays after wrong passwords. Times are milliseconds of the monotonic clock. */
export class Backoff {
  readonly #pairs = new Counts();
  readonly #accounts = new Counts();
  readonly #addresses = new Counts();

  /**
   * Milliseconds until this address may try this account, 0 for now. Whether there is such an account makes no
   * difference. Of an address that many people share, an exempt one or a Unix socket, only the failures at this account
   * count.
   */
  wait(account: string, address: string, now: number, isShared = false): number {
    const underAttack = (this.#accounts.get(account, now)?.failures ?? 0) >= attackFailures;
    const pair = this.#pairs.get(`${address} ${account}`, now);
    return Math.ceil(
      Math.max(
        delayLeft(pair, underAttack ? allowedFailures.pairUnderAttack : allowedFailures.pair, now),
        isShared ? 0 : delayLeft(this.#addresses.get(address, now), allowedFailures.address, now),
      ),
    );
  }

  /**
   * An attempt begins, and counts as a failure until it is decided. To be called in the same step as `wait`: otherwise
   * other attempts come in between.
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
        for (const count of [pair, ...others]) count.confirm(known);
      },
      withdraw: () => {
        for (const count of [pair, ...others]) count.undo();
      },
    };
  }
}
