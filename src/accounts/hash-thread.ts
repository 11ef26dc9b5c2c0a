// A thread that makes and checks password hashes, one after the other. hash-threads.ts starts it. Its priority is lower
// than that of the process, so that where processors are short a hash waits, and not a message.
import crypto, { scryptSync, type BinaryLike, type ScryptOptions } from 'node:crypto';
import { constants, getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { HashReply, HashRequest } from './hash-threads.js';

/** By how much: whoever is busy leaves it about a tenth of a processor. */
const niceness = 10;

// On Linux a thread has a priority of its own. Elsewhere this would be the priority of the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + niceness));
  } catch {
    // A filter of system calls denies it. Hashes then compete with messages for a processor.
  }
}

/** As `crypto.scrypt`, but in this thread: that one works in the process's pool. */
function scryptHere(
  password: BinaryLike,
  salt: BinaryLike,
  length: number,
  options: ScryptOptions,
  done: (error: Error | null, key?: Buffer) => void,
): void {
  try {
    done(null, scryptSync(password, salt, length, options));
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}

// scrypt-kdf takes this when it is loaded.
Object.assign(crypto, { scrypt: scryptHere });
const { default: scrypt } = (await import('scrypt-kdf')) as unknown as {
  readonly default: typeof import('scrypt-kdf');
};

async function answer(request: HashRequest): Promise<HashReply> {
  try {
    const { password } = request;
    if ('parameters' in request) return { made: await scrypt.kdf(password, request.parameters) };
    return { fits: await scrypt.verify(request.hash, password) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (request: HashRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
