// Password hashes by scrypt (RFC 7914). A hash takes a fifth of a second and 32 MiB on purpose, in the thread pool that
// SQLite works in too: so two run at once at most, a bounded number waits, and the rest is told to come back.
import * as scryptKdf from 'scrypt-kdf';

/** The package's types name functions that its module has on its default export only. */
const scrypt = (scryptKdf as unknown as { readonly default: typeof scryptKdf }).default;

/** scrypt's cost: N is 2^logN. */
export interface ScryptParameters {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** Of the pool's four threads two stay free for SQLite: behind four hashes an insert waits 150 ms. */
const atOnce = 2;

/** The queue is full. */
export class PasswordsBusy extends Error {
  /** @param retryAfter milliseconds until about half the queue is done */
  constructor(readonly retryAfter: number) {
    super('too many passwords wait to be checked');
  }
}

export class Passwords {
  readonly #parameters: ScryptParameters;
  readonly #queueLimit: number;
  #waiting: { readonly run: () => void; readonly refuse: (error: PasswordsBusy) => void }[] = [];
  #running = 0;
  #closed = false;
  /** How long a hash took lately, in milliseconds. */
  #duration = 200;

  /** @param queueLimit how many hashes may wait beside the two that run */
  constructor(parameters: ScryptParameters, queueLimit: number) {
    this.#parameters = parameters;
    this.#queueLimit = queueLimit;
  }

  /** The hash to store: scrypt's parameters, a salt and a MAC, 96 bytes. Rejects with PasswordsBusy. */
  hash(password: string): Promise<Uint8Array> {
    return this.#queued(() => scrypt.kdf(password, this.#parameters));
  }

  /**
   * Whether the password is the one of `hash`. Without a hash (there is no such user) it takes the same time and answers
   * false. Rejects with PasswordsBusy.
   */
  verify(password: string, hash: Uint8Array | undefined): Promise<boolean> {
    return this.#queued(async () => {
      if (hash !== undefined) return scrypt.verify(hash, password);
      await scrypt.kdf(password, this.#parameters);
      return false;
    });
  }

  /** Whether `hash` was made with other parameters than those that are set now. */
  isOutdated(hash: Uint8Array): boolean {
    const { logN, r, p } = scrypt.viewParams(hash);
    return logN !== this.#parameters.logN || r !== this.#parameters.r || p !== this.#parameters.p;
  }

  /** Starts no more hashes, and refuses those that wait with PasswordsBusy. */
  close(): void {
    this.#closed = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { refuse } of waiting) refuse(this.#busy());
  }

  async #queued<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw this.#busy();
    if (this.#running < atOnce) {
      this.#running += 1;
    } else {
      if (this.#waiting.length >= this.#queueLimit) throw this.#busy();
      // Whoever ends hands its place on: `running` stays as it is.
      await new Promise<void>((run, refuse) => { this.#waiting.push({ run, refuse }); });
    }
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#duration = performance.now() - start;
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next.run();
    }
  }

  #busy(): PasswordsBusy {
    return new PasswordsBusy(Math.ceil((this.#waiting.length * this.#duration) / atOnce / 2));
  }
}
