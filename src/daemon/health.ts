// Whether the daemon is alive, and whether it can do its work: what the manager's watchdog, /livez and /readyz ask. All
// of them ask the store the same question, to commit something to the disk, and mean different things by the answer:
// - A commit that fails, on a full disk say, makes the daemon not ready. It is alive: a restart would not help.
// - A commit that has no answer after a while makes it neither: the disk or the store hangs.
// However many ask at one time, one question is under way, and its answer serves for a second.

/** What the store says of itself. */
export interface ProbedStore {
  /** Fulfils when a commit has reached the disk, rejects when it failed. */
  probe(): Promise<void>;
  /** When the last commit reached the disk, in milliseconds of the monotonic clock. */
  readonly lastCommit: number | undefined;
  /** Why the last one failed, if it did. */
  readonly failing: string | undefined;
}

export interface HealthReport {
  /** The store answers, be it with a failure. */
  readonly alive: boolean;
  /** Why nothing can be stored, if nothing can. */
  readonly problem: string | undefined;
}

const limits = {
  /** Milliseconds for which an answer serves. */
  fresh: 1000,
  /** For those who only want to see how it is: each question writes to the disk. */
  overview: 10_000,
  /** How long an asker waits at most: less than the second that Kubernetes gives a probe. */
  patience: 800,
  /** From when on a question without an answer is a store that hangs. */
  hanging: 10_000,
};

export class Health {
  readonly #store: ProbedStore;
  readonly #limits: typeof limits;
  /** Since when a question has been under way; fulfils when it is answered. */
  #asking: { readonly since: number; readonly answered: Promise<void> } | undefined;
  /** When the last question was answered. */
  #answered = -Infinity;

  constructor(store: ProbedStore, its: Partial<typeof limits> = {}) {
    this.#store = store;
    this.#limits = { ...limits, ...its };
  }

  /**
   * How things are, within a second: what is known when the time is up. Never rejects. @param fresh how old an answer
   * may be
   */
  async look(fresh: 'fresh' | 'overview' = 'fresh'): Promise<HealthReport> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#limits.patience);
    });
    await Promise.race([this.#ask(this.#limits[fresh]), patience]);
    clearTimeout(timer);
    return this.#verdict();
  }

  /**
   * Fulfils when the store has answered at all, however long that takes: what the watchdog waits for. Never rejects.
   */
  async answers(): Promise<boolean> {
    await this.#ask(this.#limits.fresh);
    return true;
  }

  #verdict(): HealthReport {
    const waited = this.#asking === undefined ? 0 : performance.now() - this.#asking.since;
    if (waited < this.#limits.hanging) return { alive: true, problem: this.#store.failing };
    return { alive: false, problem: `the store has not answered for ${Math.floor(waited / 1000)} seconds` };
  }

  /** Fulfils when there is an answer that is fresh enough. */
  #ask(fresh: number): Promise<void> {
    if (this.#asking !== undefined) return this.#asking.answered;
    const { lastCommit = -Infinity, failing } = this.#store;
    // What fails may have stopped failing.
    const [newest, serves] =
      failing === undefined ? [Math.max(this.#answered, lastCommit), fresh] : [this.#answered, this.#limits.fresh];
    if (performance.now() - newest < serves) return Promise.resolve();
    const done = (): void => {
      this.#answered = performance.now();
      this.#asking = undefined;
    };
    const answered = this.#store.probe().then(done, done);
    this.#asking = { since: performance.now(), answered };
    return answered;
  }
}
