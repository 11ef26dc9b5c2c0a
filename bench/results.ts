// What a run of the bench found, as it is kept in docs/bench.json: every workload with the circumstances under which it was
// measured, since a run may measure some of them only.
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import type { Sizes, Workload } from './arguments.js';
import type { Figures } from './generator.js';
import type { ByServer } from './names.js';

export interface Rate {
  /** Messages a second: asked for, and delivered. */
  readonly rate: number;
  readonly messages: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Rates {
  /** The rates that it kept up with, and the last one tried where that still gave figures. */
  readonly points: readonly Rate[];
  /** The first rate that it did not keep up with; null where it kept up with all. */
  readonly bent: number | null;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface Measured {
  readonly a: { readonly servers: ByServer<Figures> };
  readonly b: { readonly servers: ByServer<Figures> };
  readonly c: { readonly servers: ByServer<Figures> };
  /** With the milliseconds of one fsync in the same run. */
  readonly d: { readonly servers: ByServer<Figures>; readonly fsync: number };
  readonly e: { readonly servers: ByServer<Rates> };
  readonly f: { readonly servers: ByServer<Figures> };
  /** Resident bytes a connection. */
  readonly g: { readonly servers: ByServer<number> };
  /** Logins a second, and hashes a second without a daemon. */
  readonly h: { readonly salond: number; readonly bare: number };
  /** Pages a second, and the latency of the flow beside them and alone. */
  readonly i: { readonly pages: number; readonly beside: Latency; readonly alone: Latency };
  /** Milliseconds from the spawn until it was ready: an empty folder, one with the messages, and that one after a kill -9. */
  readonly j: { readonly messages: number; readonly empty: number; readonly full: number; readonly killed: number };
}

export interface Circumstances {
  readonly date: string;
  readonly node: string;
  readonly processor: string;
  readonly kernel: string;
  readonly congestionControl: string;
  readonly rounds: number;
  readonly seconds: number;
}

export type Results = { readonly [Name in Workload]?: Measured[Name] & { readonly under: Circumstances } };

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

/** The results that are kept; none where there is no such file. */
export function readResults(path: string): Results {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Results;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}
