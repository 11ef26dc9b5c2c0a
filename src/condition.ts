// How the daemon is: for an operator's `status`, for the manager's watchdog, and for Prometheus.
import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Parts } from './assemble.js';
import { tally } from './chat/tally.js';
import type { Watched } from './metrics/registry.js';
import { metricsServer } from './metrics/server.js';
import { listenWith, type Listener } from './net/listener.js';
import type { ListenAddress } from './ops/settings/settings.js';

export interface Counts {
  readonly sessions: number;
  /** Of the sessions, those with a user. */
  readonly users: number;
  readonly rooms: number;
}

export class Condition implements Watched {
  readonly tally = tally;
  readonly #parts: Parts;
  readonly #data: string;
  readonly #begun = performance.now();
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });

  constructor(parts: Parts, data: string) {
    this.#parts = parts;
    this.#data = data;
    this.#delay.enable();
  }

  counts(): Counts {
    const { door } = this.#parts;
    let users = 0;
    for (const { session } of door.connections.keys()) if (session.authenticated) users += 1;
    return { sessions: door.connections.size, users, rooms: this.rooms() };
  }

  /** What `status` tells besides what never changes. The loop's delay is that since the last call. */
  all(): object {
    const delay = this.#delay.max / 1e6;
    this.#delay.reset();
    return {
      uptime: Math.floor((performance.now() - this.#begun) / 1000), ...this.counts(), messages: tally.messages, delivered: tally.lines,
      memory: process.memoryUsage.rss(), ...this.files(), disk_free: this.#diskFree(), loop_delay: Math.round(delay),
      last_commit: tally.lastCommit === undefined ? undefined : Math.floor((performance.now() - tally.lastCommit) / 1000),
      refused: Object.fromEntries(tally.refused),
    };
  }

  /** Bytes that the file system of the data folder still takes from the daemon; null where the system can't tell. */
  #diskFree(): number | null {
    try {
      const { bavail, bsize } = statfsSync(this.#data);
      return bavail * bsize;
    } catch {
      return null;
    }
  }

  /** Whether the store still does what it is asked. Nobody has this name: no user's has a space. */
  async healthy(): Promise<boolean> {
    return !(await this.#parts.services.store.isTaken({ name: ' ', key: ' ', skeleton: ' ' }));
  }

  sessions(): Readonly<Record<string, number>> {
    const { sessions, users } = this.counts();
    return { guest: sessions - users, user: users };
  }

  rooms(): number {
    return this.#parts.services.rooms.size;
  }

  outboxBytes(): number {
    let bytes = 0;
    for (const { outbox } of this.#parts.door.connections.keys()) bytes += outbox.bytes;
    return bytes;
  }

  passwords(): ReturnType<Watched['passwords']> {
    return this.#parts.services.accounts.load;
  }

  files(): ReturnType<Watched['files']> {
    const size = (name: string): number => statSync(join(this.#data, name), { throwIfNoEntry: false })?.size ?? 0;
    return { database: size('salond.db'), log: size('salond.db-wal') };
  }
}

/** Rejects with ListenError. `running` says whether clients are taken. */
export async function serveMetrics({ host, port }: ListenAddress, condition: Condition, version: string, running: () => boolean): Promise<Listener> {
  // Only here: who does not watch does not pay for it.
  const { makeRegistry } = await import('./metrics/registry.js');
  const registry = makeRegistry(condition, version);
  const server = metricsServer({
    metrics: () => registry.metrics(), contentType: registry.contentType,
    live: () => condition.healthy(), ready: async () => running() && condition.healthy(),
  });
  const { address, close } = await listenWith(server, host, port, 'metrics');
  return {
    address,
    close: () => {
      close();
      server.closeAllConnections();
    },
  };
}
