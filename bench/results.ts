// The results of the bench, as stored in docs/bench.json. Each workload has its own circumstances, because a run may
// measure only some workloads.
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import type { Sizes, Workload } from './arguments.js';
import type { Figures } from './generator.js';
import type { ByMode } from './loads.js';
import type { ByServer } from './names.js';

/** The figures at one rate; p50 and p99 are in milliseconds. */
export interface Rate {
  /** Messages a second that were asked for. */
  readonly rate: number;
  /** Messages a second that were delivered. */
  readonly messages: number;
  readonly p50: number;
  readonly p99: number;
}

/** The figures of a server at rising rates. */
export interface Rates {
  /** The rates that it kept up with, and the first one that it did not keep up with, if that gave figures. */
  readonly points: readonly Rate[];
  /** The first rate that it did not keep up with; null if it kept up with all. */
  readonly bent: number | null;
}

/** A latency, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** The figures of each workload. */
export interface Measured {
  readonly a: ByMode;
  readonly b: ByMode;
  readonly c: ByMode;
  /** In the single mode, with the milliseconds of one fsync in the same run. */
  readonly d: { readonly servers: ByServer<Figures>; readonly fsync: number };
  readonly e: { readonly servers: ByServer<Rates> };
  readonly f: ByMode;
  /** Resident bytes a connection. */
  readonly g: { readonly servers: ByServer<number> };
  /** Logins a second, and hashes a second without a daemon. */
  readonly h: { readonly salond: number; readonly bare: number };
  /** Pages a second, and the latency of the flow beside them and alone. */
  readonly i: { readonly pages: number; readonly beside: Latency; readonly alone: Latency };
  /**
   * Milliseconds from the spawn until it was ready: an empty folder, one with the messages, and that one after a kill
   * -9.
   */
  readonly j: { readonly messages: number; readonly empty: number; readonly full: number; readonly killed: number };
}

/** The date, the machine and the extent of a measurement. */
export interface Circumstances {
  readonly date: string;
  readonly node: string;
  readonly processor: string;
  readonly kernel: string;
  readonly congestionControl: string;
  readonly rounds: number;
  readonly seconds: number;
}

/** Everything that was measured; a workload that never was is not there. */
export type Results = { readonly [Name in Workload]?: Measured[Name] & { readonly under: Circumstances } };

/** The circumstances of this run, for results and documents. */
export function circumstances({ rounds, seconds }: Sizes): Circumstances {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    processor: `${cpus().length} × ${first?.model ?? 'unknown'}`,
    kernel: release(),
    congestionControl: readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim(),
    rounds,
    seconds,
  };
}

/** Reads the results from the file; empty if there is no such file. */
export function readResults(path: string): Results {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Results;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}
