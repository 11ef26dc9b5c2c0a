// Password hashes by scrypt (RFC 7914). A hash takes a fifth of a second and 32 MiB on purpose, in the thread pool that
// SQLite works in too. So at most two run at once, a bounded number waits, and the rest is refused with a time to come
// back. Askers (addresses, say) take turns. When the queue is full, the asker with the most hashes in it makes room, so
// a flood from one address keeps nobody else out.
//
// The time of a check depends on the password that was sent, never on the account. Hashes of several costs may be in
// use: an account keeps its hash until it logs in after the operator has changed the cost. So every check tries one
// hash of each cost, and at most one of them is the account's. A password that is mapped to another one
// (opaque-string.ts) is checked in both forms.
import * as scryptKdf from 'scrypt-kdf';
import { decoy, headBytes, headOf, isBounded, isWhole, type ScryptParameters } from './hash-header.js';
import { opaqueString } from '../text/opaque-string.js';

export type { ScryptParameters } from './hash-header.js';

/** The package's types name functions that its module has on its default export only. */
const scrypt = (scryptKdf as unknown as { readonly default: typeof scryptKdf }).default;

/** Of the pool's four threads two stay free for SQLite: behind four hashes an insert waits 150 ms. */
const atOnce = 2;

/**
 * `outdated`: the password is right, and the hash should be made anew, because it has another cost than new hashes or
 * is that of the password before its mapping.
 */
export type Verdict = 'wrong' | 'right' | 'outdated';

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
  readonly #head: Buffer;
  readonly #queueLimit: number;
  /** By the head that they have, in hexadecimal. */
  readonly #decoys = new Map<string, Uint8Array>();
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
    this.#head = headOf(parameters);
    this.#queueLimit = queueLimit;
  }

  /**
   * The hash to store: scrypt's parameters, a salt and a MAC, 96 bytes. It takes a turn of `asker`. Rejects with
   * PasswordsBusy.
   */
  hash(password: string, asker = ''): Promise<Uint8Array> {
    return this.#queued(asker, () => scrypt.kdf(opaqueString(password), this.#parameters));
  }

  /**
   * Whether `hash` is of that password. The time is that of one check for each cost in use, whatever `hash` is. Without
   * a hash (there is no such user), or with a damaged one, the password is wrong. Rejects with PasswordsBusy.
   * @param asker takes its turn
   * @param heads the first bytes of the hashes that accounts have, each once
   */
  verify(
    password: string,
    hash: Uint8Array | undefined,
    asker = '',
    heads: readonly Uint8Array[] = [],
  ): Promise<Verdict> {
    const kept = hash !== undefined && isWhole(hash) ? Buffer.from(hash) : undefined;
    const mapped = opaqueString(password);
    const forms = mapped === password ? [mapped] : [mapped, password];
    return this.#queued(asker, async () => {
      let verdict: Verdict = 'wrong';
      for (const head of this.#costs(heads, kept)) {
        const against = kept?.subarray(0, headBytes).equals(head) === true ? kept : this.#decoy(head);
        for (const form of forms) {
          if (!(await scrypt.verify(against, form))) continue;
          verdict = form === mapped && head.equals(this.#head) ? 'right' : 'outdated';
        }
      }
      return verdict;
    });
  }

  /** The heads of all costs in use, each once: of new hashes, of accounts' hashes, and of the hash that is checked. */
  #costs(heads: readonly Uint8Array[], kept: Buffer | undefined): readonly Buffer[] {
    const all = [this.#head, ...heads.filter(isBounded), ...(kept === undefined ? [] : [kept.subarray(0, headBytes)])];
    return [...new Map(all.map((head) => [Buffer.from(head).toString('hex'), Buffer.from(head)])).values()];
  }

  #decoy(head: Buffer): Uint8Array {
    const name = head.toString('hex');
    const made = this.#decoys.get(name) ?? decoy(head);
    this.#decoys.set(name, made);
    return made;
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
      // A hash that ends gives its place to this one: `running` stays as it is.
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

  /** The first hash of the asker whose turn it is. That asker then goes to the end of the line. */
  #next(): Waiting | undefined {
    for (const [asker, its] of this.#waiting) {
      this.#waiting.delete(asker);
      if (its.length > 1) this.#waiting.set(asker, its);
      this.#count -= 1;
      return its.shift();
    }
    return undefined;
  }

  /** Refuses the last hash of the asker with the most in the queue, if that is more than this asker would have. */
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
