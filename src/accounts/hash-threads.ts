// Derives keys by scrypt in threads that do nothing else (hash-thread.ts). They do not belong to libuv's pool, which commits
// need, and their priority is lower: where processors are short, a hash waits and not a message.
import { Worker } from 'node:worker_threads';
import type { ScryptParameters } from './hash-header.js';

/** Derives the key of a password, of `keyBytes` bytes. Rejects where there is no memory for it. */
export type DeriveKey = (password: string, salt: Uint8Array, cost: ScryptParameters) => Promise<Uint8Array>;

/** The most hashes that run at one time. Each takes a processor, and the memory that its cost says. */
export const maxThreads = 2;

/** What a thread is told. */
export interface HashRequest extends ScryptParameters {
  readonly password: string;
  readonly salt: Uint8Array;
}

/** What a thread answers: the key, or why there is none. */
export type HashReply = { readonly key: Uint8Array } | { readonly problem: string };

interface Job {
  readonly request: HashRequest;
  readonly resolve: (key: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** The memory of a thread's own heap, in MiB. What scrypt takes is outside of it. */
const heap = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 8 } as const;

/** A thread that derives one key after the other. */
class HashThread {
  readonly #worker: Worker;
  #job: Job | undefined;

  /**
   * @param onFree called when it can take the next job
   * @param onEnd called when it has ended, which it never does by itself
   */
  constructor(onFree: (thread: HashThread) => void, onEnd: (thread: HashThread) => void) {
    // Without the options of the process, which are for its main thread.
    const options = { execArgv: [], env: {}, resourceLimits: heap };
    this.#worker = new Worker(new URL('hash-thread.js', import.meta.url), options);
    this.#worker.on('message', (reply: HashReply) => {
      if ('key' in reply) this.#finish()?.resolve(reply.key);
      else this.#finish()?.reject(new Error(reply.problem));
      onFree(this);
    });
    // `exit` follows.
    this.#worker.on('error', (error) => this.#finish()?.reject(error));
    this.#worker.on('exit', () => {
      this.#finish()?.reject(new Error('the thread of hashes has ended'));
      onEnd(this);
    });
  }

  start(job: Job): void {
    this.#job = job;
    // A process without other work ends while no hash is made, and not before one is.
    this.#worker.ref();
    this.#worker.postMessage(job.request);
  }

  #finish(): Job | undefined {
    const job = this.#job;
    this.#job = undefined;
    this.#worker.unref();
    return job;
  }
}

/** Threads that are started when they are needed, and the jobs that wait for one. */
class HashThreads {
  readonly #idle: HashThread[] = [];
  readonly #waiting: Job[] = [];
  #count = 0;

  derive(request: HashRequest): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#startNext();
    });
  }

  #startNext(): void {
    if (this.#idle.length === 0 && this.#count === maxThreads) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    (this.#idle.pop() ?? this.#newThread()).start(job);
  }

  #newThread(): HashThread {
    this.#count += 1;
    return new HashThread(
      (thread) => {
        this.#idle.push(thread);
        this.#startNext();
      },
      (ended) => {
        this.#count -= 1;
        const at = this.#idle.indexOf(ended);
        if (at !== -1) this.#idle.splice(at, 1);
        this.#startNext();
      },
    );
  }
}

/** The threads of this process. */
const threads = new HashThreads();

/** Derives a key in one of the process's threads of hashes, as soon as one is free. */
export const deriveKey: DeriveKey = (password, salt, cost) => threads.derive({ password, salt, ...cost });
