// Password hashes by scrypt (RFC 7914). A hash takes a fifth of a second and 32 MiB on purpose, in the thread pool that
// SQLite uses too. So at most two run at once, a bounded number waits, and the rest is refused with a time to come
// back. Askers, addresses for example, take turns. When the queue is full, the asker with the most hashes in it loses
// one, so a flood from one address keeps nobody else out.
//
// The time of a check depends on the password that was sent, never on the account. Hashes of several costs may be in
// use: an account keeps its hash until its first login after the operator has changed the cost. So every check tries
// one hash of each cost, and at most one of them is the account's. A password that RFC 8265 maps to another one is
// checked in both forms (text/opaque-string.ts).
import * as scryptKdf from 'scrypt-kdf';
import { decoy, headBytes, headOf, isBounded, isIntact, type ScryptParameters } from './hash-header.js';
import { opaqueString } from '../text/opaque-string.js';

export type { ScryptParameters } from './hash-header.js';

/** The package's types name functions that its module has on its default export only. */
const scrypt = (scryptKdf as unknown as { readonly default: typeof scryptKdf }).default;

/**
 * The most hashes that run at one time. Two of the pool's four threads stay free for SQLite: behind four hashes an insert waits
 * 150 ms.
 */
const maxRunning = 2;

/**
 * `outdated`: the password is right, and the hash should be replaced, because it has another cost than new hashes, or
 * was made of the password before its mapping.
 */
export type Verdict = 'wrong' | 'right' | 'outdated';

/** A hash was refused: the queue is full, or closed (code 16). */
export class PasswordsBusy extends Error {
  /** @param retryAfter milliseconds until about half of the queue is done */
  constructor(readonly retryAfter: number) {
    super('too many passwords wait to be checked');
  }
}

interface Waiting {
  readonly run: () => void;
  readonly refuse: (error: PasswordsBusy) => void;
}

/** Makes and checks password hashes. */
export class Passwords {
  readonly #parameters: ScryptParameters;
  readonly #head: Buffer;
  readonly #queueLimit: number;
  /** Hashes that fit no password, by their heads in hexadecimal. */
  readonly #decoys = new Map<string, Uint8Array>();
  /** By asker, in the order of their turns. */
  readonly #waiting = new Map<string, Waiting[]>();
  #waitingCount = 0;
  #running = 0;
  #closed = false;
  /** How long the last hash took, in milliseconds. */
  #duration = 200;

  /** @param queueLimit hashes that may wait, beside those that run */
  constructor(parameters: ScryptParameters, queueLimit: number) {
    this.#parameters = parameters;
    this.#head = headOf(parameters);
    this.#queueLimit = queueLimit;
  }

  /**
   * Makes the hash to store, of 96 bytes (hash-header.ts). Rejects with PasswordsBusy.
   * @param asker takes a turn
   */
  hash(password: string, asker = ''): Promise<Uint8Array> {
    return this.#queued(asker, () => scrypt.kdf(opaqueString(password), this.#parameters));
  }

  /**
   * Checks a password against a hash. It takes the time of one hash for each cost in use, whatever `hash` is. Without a
   * hash (there is no such user), or with a damaged one, the password is wrong. Rejects with PasswordsBusy.
   * @param asker takes a turn
   * @param heads the heads of the hashes that accounts have, each once
   */
  verify(
    password: string,
    hash: Uint8Array | undefined,
    asker = '',
    heads: readonly Uint8Array[] = [],
  ): Promise<Verdict> {
    const intact = hash !== undefined && isIntact(hash) ? Buffer.from(hash) : undefined;
    const mapped = opaqueString(password);
    const forms = mapped === password ? [mapped] : [mapped, password];
    return this.#queued(asker, async () => {
      let verdict: Verdict = 'wrong';
      for (const head of this.#costs(heads, intact)) {
        const against = intact?.subarray(0, headBytes).equals(head) === true ? intact : this.#decoy(head);
        for (const form of forms) {
          if (!(await scrypt.verify(against, form))) continue;
          verdict = form === mapped && head.equals(this.#head) ? 'right' : 'outdated';
        }
      }
      return verdict;
    });
  }

  /**
   * The heads of all costs in use, each once: those of new hashes, of accounts' hashes, and of the hash that is
   * checked.
   */
  #costs(heads: readonly Uint8Array[], checked: Buffer | undefined): readonly Buffer[] {
    const own = checked === undefined ? [] : [checked.subarray(0, headBytes)];
    const all = [this.#head, ...heads.filter(isBounded), ...own];
    return [...new Map(all.map((head) => [Buffer.from(head).toString('hex'), Buffer.from(head)])).values()];
  }

  #decoy(head: Buffer): Uint8Array {
    const name = head.toString('hex');
    const hash = this.#decoys.get(name) ?? decoy(head);
    this.#decoys.set(name, hash);
    return hash;
  }

  /** How many hashes run, and how many wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#waitingCount };
  }

  /** Starts no more hashes. Those that wait reject with PasswordsBusy. */
  close(): void {
    this.#closed = true;
    const waiting = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    this.#waitingCount = 0;
    for (const { refuse } of waiting) refuse(this.#busy());
  }

  async #queued<Result>(asker: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw this.#busy();
    if (this.#running < maxRunning) {
      this.#running += 1;
    } else {
      if (this.#waitingCount >= this.#queueLimit && !this.#makeRoom(asker)) throw this.#busy();
      // A hash that ends hands its place to this one, so `#running` stays as it is.
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
    const ofAsker = this.#waiting.get(asker);
    if (ofAsker === undefined) this.#waiting.set(asker, [waiting]);
    else ofAsker.push(waiting);
    this.#waitingCount += 1;
  }

  /** Takes the first hash of the asker whose turn it is. That asker then goes to the end of the line. */
  #next(): Waiting | undefined {
    for (const [asker, ofAsker] of this.#waiting) {
      this.#waiting.delete(asker);
      if (ofAsker.length > 1) this.#waiting.set(asker, ofAsker);
      this.#waitingCount -= 1;
      return ofAsker.shift();
    }
    return undefined;
  }

  /**
   * Refuses the last hash of the asker with the most in the queue. False where this asker would have as many itself.
   */
  #makeRoom(asker: string): boolean {
    let most: Waiting[] = [];
    for (const ofAsker of this.#waiting.values()) if (ofAsker.length > most.length) most = ofAsker;
    if (most.length <= (this.#waiting.get(asker)?.length ?? 0) + 1) return false;
    most.pop()?.refuse(this.#busy());
    this.#waitingCount -= 1;
    return true;
  }

  #busy(): PasswordsBusy {
    return new PasswordsBusy(Math.ceil((this.#waitingCount * this.#duration) / maxRunning / 2));
  }
}
