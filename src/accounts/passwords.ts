// Password hashes by scrypt (RFC 7914). A hash takes a fifth of a second of a processor and 32 MiB on purpose. So few
// run at once (`password_threads`), in threads that give way to all others (hash-threads.ts), a bounded number waits,
// and the rest is refused with a time to come back. hash-queue.ts says whose turn it is, and who is refused.
//
// The time of a check depends on the password that was sent, never on the account. Hashes of several costs may be in
// use: an account keeps its hash until its first login after the operator has changed the cost. So every check tries
// one hash of each cost, and at most one of them is the account's. A password that RFC 8265 maps to another one is
// checked in both forms (text/opaque-string.ts).
import { availableParallelism } from 'node:os';
import { KnownAddresses } from './known-addresses.js';
import { HashQueue, type HashAsker, type RefusedHash } from './hash-queue.js';
import { decoy, headBytes, headOf, isBounded, isIntact, type ScryptParameters } from './hash-header.js';
import { fitsHash, makeHash } from './hash-threads.js';
import { opaqueString } from '../text/opaque-string.js';

export type { ScryptParameters } from './hash-header.js';

/** How hashes are queued. What is left out is as the settings have it by default, and nothing is known at the start. */
export interface HashingOptions {
  /** The most hashes that run at one time. Each takes a processor, and the memory that its cost says. */
  readonly running?: number;
  /** As `HashQueueOptions.strangersShare`. */
  readonly strangersShare?: number;
  readonly known?: KnownAddresses;
}

/**
 * `outdated`: the password is right, and the hash should be replaced, because it has another cost than new hashes, or
 * was made of the password before its mapping.
 */
export type Verdict = 'wrong' | 'right' | 'outdated';

/** A hash was refused: the queue is full, or closed (code 16). */
export class PasswordsBusy extends Error {
  /** @param retryAfter milliseconds until those that come first have had their turns, 20 s at most */
  constructor(readonly retryAfter: number) {
    super('too many passwords wait to be checked');
  }
}

/** How many hashes run at one time by default: the others need processors too, the event loop first. */
export function hashesAtOnce(): number {
  return Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)));
}

/**
 * What the last hash counts in the mean of how long one takes: a single late one must not send people away for minutes.
 */
const newestWeight = 0.125;

/**
 * The most milliseconds after which one that was refused is asked to come again. The queue remembers who was refused
 * first, so to come early costs it no place, and others may not come back at all.
 */
const mostRetryAfter = 20_000;

/** Who asks where nobody says so: a test, say. */
const nobody: HashAsker = { address: '', account: '' };

interface Waiting {
  readonly run: () => void;
  readonly refuse: (error: PasswordsBusy) => void;
}

/** Makes and checks password hashes. */
export class Passwords {
  readonly #parameters: ScryptParameters;
  readonly #head: Buffer;
  readonly #maxRunning: number;
  readonly #known: KnownAddresses;
  /** Hashes that fit no password, by their heads in hexadecimal. */
  readonly #decoys = new Map<string, Uint8Array>();
  readonly #queue: HashQueue<Waiting>;
  #running = 0;
  #closed = false;
  /** How long a hash takes lately, in milliseconds. */
  #duration = 200;

  /** @param queueLimit hashes that may wait, beside those that run; as many of operators beside them */
  constructor(
    parameters: ScryptParameters,
    queueLimit: number,
    { running = 2, strangersShare = 4, known = new KnownAddresses(() => 30) }: HashingOptions = {},
  ) {
    this.#parameters = parameters;
    this.#head = headOf(parameters);
    this.#maxRunning = running;
    this.#known = known;
    this.#queue = new HashQueue(queueLimit, { strangersShare, isKnown: (address) => known.has(address) });
  }

  /**
   * Makes the hash to store, of 96 bytes (hash-header.ts). Rejects with PasswordsBusy.
   * @param asker takes a turn
   * @param parameters of the hash, where they are not a user's
   */
  hash(password: string, asker = nobody, parameters = this.#parameters): Promise<Uint8Array> {
    return this.#queued(asker, () => makeHash(opaqueString(password), parameters));
  }

  /**
   * Checks a password against that hash alone, of whatever cost: where everybody may know that there is one. False
   * where the hash is damaged. Rejects with PasswordsBusy. @param asker takes a turn
   */
  async matches(password: string, hash: Uint8Array, asker: HashAsker): Promise<boolean> {
    if (!isIntact(hash)) return false;
    return this.#queued(asker, () => fitsHash(opaqueString(password), hash));
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
    asker = nobody,
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
          if (!(await fitsHash(form, against))) continue;
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
    return { running: this.#running, waiting: this.#queue.length };
  }

  /** Gives the address what those have from which a login succeeded lately (hash-queue.ts). */
  loggedIn(address: string): void {
    this.#known.add(address);
  }

  /** Starts no more hashes. Those that wait reject with PasswordsBusy. */
  close(): void {
    this.#closed = true;
    const retryAfter = this.#retryAfter(this.#queue.length / 2);
    for (const { refuse } of this.#queue.clear()) refuse(new PasswordsBusy(retryAfter));
  }

  async #queued<Result>(asker: HashAsker, work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new PasswordsBusy(this.#retryAfter(this.#queue.length / 2));
    await new Promise<void>((run, refuse) => {
      this.#refuse(this.#queue.add({ run, refuse }, asker, performance.now()));
      this.#startNext();
    });
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#duration += (performance.now() - start - this.#duration) * newestWeight;
      this.#running -= 1;
      this.#startNext();
    }
  }

  #startNext(): void {
    while (this.#running < this.#maxRunning) {
      const next = this.#queue.take();
      if (next === undefined) return;
      this.#running += 1;
      next.run();
    }
  }

  #refuse(refused: RefusedHash<Waiting> | undefined): void {
    refused?.item.refuse(new PasswordsBusy(this.#retryAfter(refused.ahead)));
  }

  /** Milliseconds in which that many hashes are made, up to `mostRetryAfter`. */
  #retryAfter(hashes: number): number {
    return Math.min(mostRetryAfter, Math.ceil((hashes * this.#duration) / this.#maxRunning));
  }
}
