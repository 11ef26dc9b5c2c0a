// Checks whether the daemon is alive and ready, for the service manager's watchdog, /livez and /readyz. A probe asks
// the store to commit something:
// - If the commit fails, on a full disk for example, the daemon is not ready. It is alive: a restart would not help.
// - If the commit has no answer after ten seconds, the daemon is neither ready nor alive: the disk or the store hangs.
// Only one probe runs at a time, and its answer is reused for a second.

/** The store as the health check sees it. */
export interface ProbedStore {
  /** Fulfils when a commit has reached the disk, rejects when it failed. */
  probe(): Promise<void>;
  /** When the last commit reached the disk, in milliseconds of the monotonic clock; undefined if none has. */
  readonly lastCommit: number | undefined;
  /** Why the last commit failed; undefined if it did not. */
  readonly failing: string | undefined;
}

/** The result of a health check. */
export interface HealthReport {
  /** Whether the store answers, even if with a failure. */
  readonly alive: boolean;
  /** Why nothing can be stored; undefined if something can. */
  readonly problem: string | undefined;
}

/** The limits of a health check, in milliseconds. */
const defaultLimits = {
  /** How old an answer may be. */
  fresh: 1000,
  /** How old an answer may be for `status` and /metrics, which need no fresh one: each probe writes to the disk. */
  overview: 10_000,
  /** How long a caller waits at most: less than the second that Kubernetes gives a probe. */
  patience: 800,
  /** How long a probe may have no answer before the store counts as hanging. */
  hanging: 10_000,
};

/** Probes the store on demand, and reuses the answer for a while. */
export class Health {
  readonly #store: ProbedStore;
  readonly #limits: typeof defaultLimits;
  /** The running probe: when it began, on the monotonic clock, and a promise of its answer. Undefined if none runs. */
  #probing: { readonly since: number; readonly answered: Promise<void> } | undefined;
  /** When the last probe was answered, on the monotonic clock. */
  #answeredAt = -Infinity;

  /** @param limits replaces some of the limits, for tests */
  constructor(store: ProbedStore, limits: Partial<typeof defaultLimits> = {}) {
    this.#store = store;
    this.#limits = { ...defaultLimits, ...limits };
  }

  /**
   * Reports within a second, by the last answer if the probe has none yet. Never rejects.
   * @param age which limit applies to the age of an answer
   */
  async check(age: 'fresh' | 'overview' = 'fresh'): Promise<HealthReport> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#limits.patience);
    });
    await Promise.race([this.#probe(this.#limits[age]), patience]);
    clearTimeout(timer);
    return this.#report();
  }

  /** Fulfils with true when the store has answered, without a time limit: the watchdog has its own. Never rejects. */
  async answers(): Promise<boolean> {
    await this.#probe(this.#limits.fresh);
    return true;
  }

  #report(): HealthReport {
    const waited = this.#probing === undefined ? 0 : performance.now() - this.#probing.since;
    if (waited < this.#limits.hanging) return { alive: true, problem: this.#store.failing };
    return { alive: false, problem: `the store has not answered for ${Math.floor(waited / 1000)} seconds` };
  }

  /**
   * Fulfils when there is an answer that is at most `age` milliseconds old. A successful commit counts as an answer.
   */
  #probe(age: number): Promise<void> {
    if (this.#probing !== undefined) return this.#probing.answered;
    const { lastCommit = -Infinity, failing } = this.#store;
    // A failure may have ended since the last probe, so it is reused for the shorter time only.
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
