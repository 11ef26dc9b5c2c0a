// Counts connections by a daemon's log, which has to be at the level `debug`.
import type { LogEntry } from '../support/daemon.js';

/** How many connections are open. */
export function openConnections(log: readonly LogEntry[]): number {
  let open = 0;
  for (const { event } of log) {
    if (event === 'session_opened') open += 1;
    else if (event === 'session_closed') open -= 1;
  }
  return open;
}
