// How the daemon is: for an operator's `status`, for the manager's watchdog, and for Prometheus.
import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Parts } from './assemble.js';
import type { Counters } from '../metrics/counters.js';
import type { Watched } from '../metrics/registry.js';
import { metricsServer } from '../metrics/server.js';
import { listen, type Listener, type Wanted } from '../net/listener.js';
import { Health } from '../ops/health.js';

export interface Counts {
  readonly sessions: number;
  /** Of the sessions, those with a user. */
  readonly users: number;
  readonly rooms: number;
}

export class Condition implements Watched {
  readonly counters: Counters;
  readonly health: Health;
  readonly #parts: Parts;
  readonly #data: string;
  readonly #begun = performance.now();
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });

  constructor(parts: Parts, data: string) {
    this.#parts = parts;
    this.#data = data;
    const { store } = parts.services;
    this.counters = parts.counters;
    this.health = new Health({
      probe: () => store.log.probe(),
      get lastCommit() {
        return store.log.writing.lastCommit;
      },
      get failing() {
        return store.log.writing.failing;
      },
    });
    this.#delay.enable();
  }

  /** Stops measuring the event loop's delay. */
  close(): void {
    this.#delay.disable();
  }

  counts(): Counts {
    const { door } = this.#parts;
    let users = 0;
    for (const { session } of door.connections.keys()) if (session.authenticated) users += 1;
    return { sessions: door.connections.size, users, rooms: this.rooms() };
  }

  /** What `status` tells besides what never changes. The loop's delay is that since the last call. */
  async all(): Promise<object> {
    const { problem } = await this.health.look('overview');
    const delay = this.#delay.max / 1e6;
    this.#delay.reset();
    return {
      uptime: Math.floor((performance.now() - this.#begun) / 1000),
      ...this.counts(),
      messages: this.counters.messages,
      delivered: this.counters.lines,
      memory: process.memoryUsage.rss(),
      ...this.files(),
      disk_free: this.#diskFree(),
      refused: Object.fromEntries(this.counters.refused),
      loop_delay: Math.round(delay),
      writable: problem === undefined,
      problem,
      ...rounded(this.writing()),
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

  writing(): ReturnType<Watched['writing']> {
    const { lastCommit, failing, behind } = this.#parts.services.store.log.writing;
    return {
      failing,
      lastCommit: lastCommit === undefined ? undefined : (performance.now() - lastCommit) / 1000,
      clockBehind: behind / 1000,
    };
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

function rounded({ lastCommit, clockBehind }: ReturnType<Watched['writing']>): object {
  return {
    last_commit: lastCommit === undefined ? undefined : Math.floor(lastCommit),
    clock_behind: Math.floor(clockBehind),
  };
}

/** Rejects with ListenError. `state` says what the daemon does: clients are let in while it is `running`. */
export async function serveMetrics(
  where: Wanted,
  condition: Condition,
  version: string,
  state: () => string,
): Promise<Listener> {
  // Only here: who does not watch does not pay for it.
  const { makeRegistry } = await import('../metrics/registry.js');
  const registry = makeRegistry(condition, version);
  const servers: ReturnType<typeof metricsServer>[] = [];
  const makeServer = (): ReturnType<typeof metricsServer> => {
    const server = metricsServer({
      metrics: async () => {
        // So that what is told of commits is told of an idle daemon too.
        await condition.health.look('overview');
        return registry.metrics();
      },
      contentType: registry.contentType,
      live: async () => {
        const { alive, problem } = await condition.health.look();
        return alive ? undefined : problem;
      },
      ready: async () => (state() === 'running' ? (await condition.health.look()).problem : `the daemon is ${state()}`),
    });
    servers.push(server);
    return server;
  };
  const { addresses, close } = await listen(where, makeServer, ' for metrics');
  return {
    addresses,
    close: () => {
      close();
      for (const server of servers) server.closeAllConnections();
    },
  };
}
