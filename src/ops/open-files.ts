// How many files the process may have open: the system's limit on connections.
import { readFileSync } from 'node:fs';

/** Files beside the connections: the database's, the log, the event loop's, refused connections that read why. */
const others = 96;

/** How many connections there is room for; Infinity where the system does not tell (proc(5), `limits`). */
export function connectionCapacity(): number {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? Infinity : Math.max(1, Number(limit) - others);
  } catch {
    return Infinity;
  }
}
