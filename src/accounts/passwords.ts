// Password hashes by scrypt (RFC 7914). A hash takes a fifth of a second and 32 MiB on purpose, in the thread pool that
// SQLite works in too: so two run at once at most, a bounded number waits, and the rest is told to come back. Those who ask
// take turns, and when the queue is full whoever has most in it makes room: a flood from one address keeps nobody else out.
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

interface Waiting {
  readonly run: () => void;
  readonly refuse: (error: PasswordsBusy) => void;
}

export class Passwords {
  readonly #parameters: ScryptParameters;
  readonly #queueLimit: number;
  /** By who asks, in the order of their turns. */
  readonly #waiting = new Map<string, Waiting[]>();
  #count = 0;
  #running = 0;
  #closed = false;
  /** How long a hash took lately, in milliseconds. */
  #duration = 200;

  /** @param queueLimit how many hashes may wait beside the two that run */
  constructor(parameters: ScryptParameters, queueLimit: number) {
    this.#parameters = parameters;
    this.#queueLimit = queueLimit;
  }

  /** The hash to store: scrypt's parameters, a salt and a MAC, 96 bytes. `asker` names whose turn it takes. Rejects with PasswordsBusy. */
  hash(password: string, asker = ''): Promise<Uint8Array> {
    return this.#queued(asker, () => scrypt.kdf(password, this.#parameters));
  }

  /**
   * Whether the password is the one of `hash`. Without a hash (there is no such user) it takes the same time and answers
   * false. `asker` names whose turn it takes. Rejects with PasswordsBusy.
   */
  verify(password: string, hash: Uint8Array | undefined, asker = ''): Promise<boolean> {
    return this.#queued(asker, async () => {
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

  /** How many run, and how many wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#count };
  }

  /** Starts no more hashes, and refuses those that wait with PasswordsBusy. */
  close(): void {
    this.#closed = true;
    const waiting = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    this.#count = 0;
    for (const { refuse } of waiting) refuse(this.#busy());
  }

  async #queued<Result>(asker: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw this.#busy();
    if (this.#running < atOnce) {
      this.#running += 1;
    } else {
      if (this.#count >= this.#queueLimit && !this.#makeRoom(asker)) throw this.#busy();
      // Whoever ends hands its place on: `running` stays as it is.
      await new Promise<void>((run, refuse) => this.#wait(asker, { run, refuse }));
    }
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#duration = performance.now() - start;
      const next = this.#next();
      if (next === undefined) this.#running -= 1;
      else next.run();
    }
  }

  #wait(asker: string, waiting: Waiting): void {
    const its = this.#waiting.get(asker);
    if (its === undefined) this.#waiting.set(asker, [waiting]);
    else its.push(waiting);
    this.#count += 1;
  }

  /** The first of the one whose turn it is, who then stands at the end. */
  #next(): Waiting | undefined {
    for (const [asker, its] of this.#waiting) {
      this.#waiting.delete(asker);
      if (its.length > 1) this.#waiting.set(asker, its);
      this.#count -= 1;
      return its.shift();
    }
    return undefined;
  }

  /** Refuses the last of whoever has most in the queue, where that is more than the asker would have. */
  #makeRoom(asker: string): boolean {
    let most: Waiting[] = [];
    for (const its of this.#waiting.values()) if (its.length > most.length) most = its;
    if (most.length <= (this.#waiting.get(asker)?.length ?? 0) + 1) return false;
    most.pop()?.refuse(this.#busy());
    this.#count -= 1;
    return true;
  }

  #busy(): PasswordsBusy {
    return new PasswordsBusy(Math.ceil((this.#count * this.#duration) / atOnce / 2));
  }
}
