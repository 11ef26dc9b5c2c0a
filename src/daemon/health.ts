// Whether the daemon is alive, and whether it can do its work: what the manager's watchdog, /livez and /readyz ask. All
// of them ask the store the same question, to commit something to the disk, and mean different things by the answer:
// - A commit that fails, on a full disk for example, makes the daemon not ready. It is alive: a restart would not help.
// - A commit that has no answer after a while makes it neither ready nor alive: the disk or the store hangs.
// However many ask at one time, one probe is under way, and its answer serves for a second.

/** The store as the health check sees it. */
export interface ProbedStore {
  /** Fulfils when a commit has reached the disk, rejects when it failed. */
  probe(): Promise<void>;
  /** When the last commit reached the disk, in milliseconds of the monotonic clock; undefined if none has. */
  readonly lastCommit: number | undefined;
  /** Why the last commit failed; undefined if it did not. */
  readonly failing: string | undefined;
}

/** What a health check found. */
export interface HealthReport {
  /** Whether the store answers, be it with a failure. */
  readonly alive: boolean;
  /** Why nothing can be stored; undefined if something can. */
  readonly problem: string | undefined;
}

/** Milliseconds. */
const defaultLimits = {
  /** How old an answer may be. */
  fresh: 1000,
  /** How old an answer may be for those who only want an overview: each probe writes to the disk. */
  overview: 10_000,
  /** How long a caller waits at most: less than the second that Kubernetes gives a probe. */
  patience: 800,
  /** How long a probe may have no answer before the store counts as hanging. */
  hanging: 10_000,
};

/** Probes the store when somebody asks, and remembers the answer for a while. */
export class Health {
  readonly #store: ProbedStore;
  readonly #limits: typeof defaultLimits;
  /** The probe that is under way: when it began, on the monotonic clock, and its end. */
  #probing: { readonly since: number; readonly answered: Promise<void> } | undefined;
  /** When the last probe was answered, on the monotonic clock. */
  #answeredAt = -Infinity;

  /** @param limits replaces some of the limits, for tests */
  constructor(store: ProbedStore, limits: Partial<typeof defaultLimits> = {}) {
    this.#store = store;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** Reports within a second: what is known when the time is up. Never rejects. @param age how old an answer may be */
  async check(age: 'fresh' | 'overview' = 'fresh'): Promise<HealthReport> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#limits.patience);
    });
    await Promise.race([this.#probe(this.#limits[age]), patience]);
    clearTimeout(timer);
    return this.#report();
  }

  /**
   * Fulfils with true when the store has answered at all, however long that takes. The watchdog waits for it. Never
   * rejects.
   */
  async answers(): Promise<boolean> {
    await this.#probe(this.#limits.fresh);
    return true;
  }

  #report(): HealthReport {
    const waited = this.#probing === undefined ? 0 : performance.now() - this.#probing.since;
    if (waited < this.#limits.hanging) return { alive: true, problem: this.#store.failing };
    return { alive: false, problem: `the store has not answered for ${Math.floor(waited / 1000)} seconds` };
  }

  /** Fulfils when there is an answer that is at most `age` milliseconds old. Any commit is an answer. */
  #probe(age: number): Promise<void> {
    if (this.#probing !== undefined) return this.#probing.answered;
    const { lastCommit = -Infinity, failing } = this.#store;
    // A failure may have ended since the last probe, so its answer serves for the shortest time only.
    const [newest, maxAge] =
      failing === undefined ? [Math.max(this.#answeredAt, lastCommit), age] : [this.#answeredAt, this.#limits.fresh];
    if (performance.now() - newest < maxAge) return Promise.resolve();
    const onAnswer = (): void => {
      this.#answeredAt = performance.now();
      this.#probing = undefined;
    };
    const answered = this.#store.probe().then(onAnswer, onAnswer);
    this.#probing = { since: performance.now(), answered };
    return answered;
  }
}
