// Reads the daemon's state and figures, for the operator command `status`, the service manager and Prometheus.
import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Counters } from '../metrics/counters.js';
import type { MetricsSource } from '../metrics/prometheus.js';
import type { Status } from '../operator/services.js';
import type { Parts } from './assemble.js';
import { Health } from './health.js';

/** The numbers of sessions, users and rooms. */
export interface Counts {
  readonly sessions: number;
  /** Sessions of users; the others are guests'. */
  readonly users: number;
  /** Rooms with a member. */
  readonly rooms: number;
}

/** Reads the state of all parts on demand. */
export class DaemonStatus implements MetricsSource {
  readonly counters: Counters;
  readonly health: Health;
  readonly #parts: Parts;
  readonly #data: string;
  readonly #started = performance.now();
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });

  /** @param data path of the data folder */
  constructor(parts: Parts, data: string) {
    this.#parts = parts;
    this.counters = parts.counters;
    this.#data = data;
    const { store } = parts.services;
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

  /** Stops measuring the delay of the event loop. */
  close(): void {
    this.#delay.disable();
  }

  /** Counts sessions, users and rooms. */
  counts(): Counts {
    return this.#parts.services.presence.counts();
  }

  /**
   * The figures in the reply to `status`. The event loop's delay is the longest since the last call, in milliseconds.
   */
  async read(): Promise<Omit<Status, 'version' | 'pid' | 'state' | 'durability'>> {
    const { problem } = await this.health.check('overview');
    const delay = this.#delay.max / 1e6;
    this.#delay.reset();
    const { lastCommit, clockBehind } = this.writing();
    return {
      uptime: Math.floor((performance.now() - this.#started) / 1000),
      ...this.counts(),
      messages: this.counters.messages,
      delivered: this.counters.lines,
      memory: process.memoryUsage.rss(),
      database: this.files().database,
      log: this.files().log,
      disk_free: this.diskFree(),
      refused: Object.fromEntries(this.counters.refused),
      loop_delay: Math.round(delay),
      writable: problem === undefined,
      problem,
      last_commit: lastCommit === undefined ? undefined : Math.floor(lastCommit),
      clock_behind: Math.floor(clockBehind),
      search: this.files().search,
      search_lag: Math.floor(this.searchLag().seconds),
      search_lag_messages: this.searchLag().messages,
    };
  }

  diskFree(): number | null {
    try {
      const { bavail, bsize } = statfsSync(this.#data);
      return bavail * bsize;
    } catch {
      return null;
    }
  }

  writing(): ReturnType<MetricsSource['writing']> {
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

  sockets(): Readonly<Record<string, number>> {
    const { counts, connections } = this.#parts.clients;
    const { arriving, admitted, refused } = counts;
    // One that gave way has left its place, and is among the connections until its socket is closed.
    const handshake = Math.max(0, admitted - connections.size);
    return { header: arriving, handshake, open: connections.size, refused };
  }

  rooms(): number {
    return this.counts().rooms;
  }

  outboxBytes(): number {
    let bytes = 0;
    for (const { outbox } of this.#parts.clients.connections.keys()) bytes += outbox.bytes;
    return bytes;
  }

  searchLag(): ReturnType<MetricsSource['searchLag']> {
    const { behindSince, behind } = this.#parts.services.store.search;
    const seconds = behindSince === undefined ? 0 : Math.max(0, Date.now() - behindSince) / 1000;
    return { seconds, messages: behind };
  }

  erasuresLeft(): number {
    return this.#parts.services.deletions.left;
  }

  readsWaiting(): number {
    return this.#parts.services.reads.waiting;
  }

  buffers(): ReturnType<MetricsSource['buffers']> {
    const { bytes, limit } = this.#parts.memory;
    return { bytes, limit };
  }

  passwords(): ReturnType<MetricsSource['passwords']> {
    return this.#parts.services.accounts.load;
  }

  files(): ReturnType<MetricsSource['files']> {
    const size = (name: string): number => statSync(join(this.#data, name), { throwIfNoEntry: false })?.size ?? 0;
    return {
      database: size('salond.db'),
      log: size('salond.db-wal'),
      search: size('salond.search') + size('salond.search-wal'),
    };
  }
}
