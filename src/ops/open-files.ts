// Computes how many connections of clients the system's limit on open files allows. Some files are kept back for
// operators, monitoring, the store and the logs: they work while clients take all the others.
import { readFileSync } from 'node:fs';
import type { Settings } from './settings/settings.js';

/**
 * The files of everything that has no setting of its own: the event loop and the standard streams (20), the database
 * and its backups and checkpoints (32), the logs, files of settings and certificates while they are read.
 */
const othersFiles = 72;

/**
 * How many files are kept back from clients' connections. Those of refused clients that stay to read why are among
 * them.
 */
export function filesKeptBack({
  listen,
  tlsListen,
  maxRefused,
  maxOperators,
  maxMetricsConnections,
}: Pick<Settings, 'listen' | 'tlsListen' | 'maxRefused' | 'maxOperators' | 'maxMetricsConnections'>): number {
  // A host such as localhost has two addresses, with a listener each.
  const listeners = 2 * (listen.length + tlsListen.length + 1);
  return othersFiles + listeners + maxRefused + maxOperators + maxMetricsConnections;
}

/**
 * The most connections of clients that can be open at one time beside `keptBack` files; Infinity if the system does not
 * tell (proc(5), `limits`).
 */
export function connectionCapacity(keptBack: number): number {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? Infinity : Math.max(1, Number(limit) - keptBack);
  } catch {
    return Infinity;
  }
}
