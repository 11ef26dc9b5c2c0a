// Computes how many connections the system's limit on open files allows.
import { readFileSync } from 'node:fs';

/** File descriptors for everything else: the database, the log, the event loop, refused clients that linger. */
const reserved = 96;

/** The most connections that can be open at one time; Infinity if the system does not tell (proc(5), `limits`). */
export function connectionCapacity(): number {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? Infinity : Math.max(1, Number(limit) - reserved);
  } catch {
    return Infinity;
  }
}
