// The thread that derives keys. hash-threads.ts starts it, and tells it one password after the other.
import { scryptSync } from 'node:crypto';
import { constants, getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { keyBytes } from './hash-header.js';
import type { HashReply, HashRequest } from './hash-threads.js';

/** By how much its priority is lower than that of the process: about a tenth of a processor is left to it by one that is busy. */
const niceness = 10;

/** The most memory that OpenSSL may take: its own limit. */
const maxmem = 2 ** 31 - 1;

// On Linux a thread has a priority of its own. Elsewhere this would be the priority of the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + niceness));
  } catch {
    // A filter of system calls denies it. Hashes then compete with messages for a processor.
  }
}

function reply(answer: HashReply): void {
  parentPort?.postMessage(answer);
}

parentPort?.on('message', ({ password, salt, logN, r, p }: HashRequest) => {
  try {
    reply({ key: scryptSync(password, salt, keyBytes, { N: 2 ** logN, r, p, maxmem }) });
  } catch (error) {
    reply({ problem: error instanceof Error ? error.message : String(error) });
  }
});
