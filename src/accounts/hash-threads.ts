// Makes and checks password hashes: the costly ones in threads that do nothing else (hash-thread.ts), because in
// libuv's pool they would take a processor from the event loop and the commits, as often as these want it.
import { Worker } from 'node:worker_threads';
import * as scryptKdf from 'scrypt-kdf';
import { costOf, type ScryptParameters } from './hash-header.js';

/** What a thread is told. */
export type HashRequest = { readonly password: string } & (
  | { readonly parameters: ScryptParameters }
  | { readonly hash: Uint8Array }
);

/** What a thread answers: the hash, whether the password fits, or what went wrong. */
export type HashReply = { readonly made: Uint8Array } | { readonly fits: boolean } | { readonly problem: string };

/** The package's types name functions that its module has on its default export only. */
const scrypt = (scryptKdf as unknown as { readonly default: typeof scryptKdf }).default;

/**
 * From this N × r × p on, some 70 ms, a hash is made in a thread of its own. To start one takes 50 ms and 9 MB, once,
 * so a cheaper hash stays in the pool.
 */
const leastCost = 2 ** 18;

/** The memory of a thread's own heap, in MiB. What scrypt takes is outside of it. */
const heap = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 } as const;

/** A thread, which works for one request at a time. */
class HashThread {
  readonly #worker: Worker;
  #settle: ((reply: HashReply) => void) | undefined;
  /** It never ends by itself: for lack of memory, say. */
  hasEnded = false;

  constructor() {
    // Without the options of the process, which are for its main thread.
    const options = { execArgv: [], env: {}, resourceLimits: heap };
    this.#worker = new Worker(new URL('hash-thread.js', import.meta.url), options);
    this.#worker.on('message', (reply: HashReply) => this.#answer(reply));
    // `exit` follows.
    this.#worker.on('error', ({ message }) => this.#answer({ problem: message }));
    this.#worker.on('exit', () => {
      this.hasEnded = true;
      this.#answer({ problem: 'the thread has ended' });
    });
  }

  run(request: HashRequest): Promise<HashReply> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      // A process that has nothing else to do ends while no hash is made, and not before one is.
      this.#worker.ref();
      this.#worker.postMessage(request);
    });
  }

  #answer(reply: HashReply): void {
    this.#settle?.(reply);
    this.#settle = undefined;
    this.#worker.unref();
  }
}

/** Those that have nothing to do. There are as many in all as hashes have run at one time. */
let idle: readonly HashThread[] = [];

async function inThread(request: HashRequest): Promise<HashReply> {
  const [thread = new HashThread(), ...others] = idle.filter(({ hasEnded }) => !hasEnded);
  idle = others;
  const reply = await thread.run(request);
  idle = [...idle, thread];
  return reply;
}

function isCostly({ logN, r, p }: ScryptParameters): boolean {
  return 2 ** logN * r * p >= leastCost;
}

/** Makes a hash, of 96 bytes (hash-header.ts). Rejects where there is no memory for it. */
export async function makeHash(password: string, parameters: ScryptParameters): Promise<Uint8Array> {
  if (!isCostly(parameters)) return scrypt.kdf(password, parameters);
  const reply = await inThread({ password, parameters });
  if ('made' in reply) return reply.made;
  throw new Error(`a hash could not be made: ${'problem' in reply ? reply.problem : 'there is none'}`);
}

/** Whether a password fits an intact hash. Rejects where there is no memory to tell. */
export async function fitsHash(password: string, hash: Uint8Array): Promise<boolean> {
  if (!isCostly(costOf(hash))) return scrypt.verify(Buffer.from(hash), password);
  const reply = await inThread({ password, hash });
  if ('fits' in reply) return reply.fits;
  throw new Error(`a hash could not be checked: ${'problem' in reply ? reply.problem : 'there is none'}`);
}
