// A fuzzing run: starts a daemon, sends it the inputs, and checks that it still runs, that its log has no trouble, and
// how much memory it took.
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryBytes } from '../../bench/process.js';
import { startDaemon, type Teardown } from '../support/daemon.js';
import { Fuzzer } from './fuzzer.js';

/** The daemon's resident memory during a run. */
export interface Memory {
  /** Bytes: when the daemon was ready, after a tenth of the inputs, the most that was seen, and at the end. */
  readonly ready: number;
  readonly warm: number;
  readonly max: number;
  readonly end: number;
}

/** What a run did. */
export interface FuzzReport {
  readonly inputs: number;
  readonly seconds: number;
  /** How often each code came. */
  readonly codes: ReadonlyMap<number, number>;
  readonly memory: Memory;
}

/** How long a run is, and how it is repeated. */
export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  readonly connections?: number;
  readonly groupLines?: number;
  /** Called every second. */
  readonly onProgress?: (inputs: number, memory: number) => void;
}

/** Rejects with what the daemon did wrong, naming the line. */
export async function fuzz(t: Teardown, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, inputs, connections = 16, groupLines = 1000, onProgress } = options;
  const daemon = startDaemon(t);
  const fuzzer = new Fuzzer({ port: await daemon.port(), seed, inputs, connections, groupLines });
  const pid = daemon.process.pid ?? 0;
  const ready = memoryBytes(pid, 'VmRSS');
  let [warm, max] = [ready, ready];
  const sampler = setInterval(() => {
    const now = memoryBytes(pid, 'VmRSS');
    if (fuzzer.inputs < inputs / 10) warm = now;
    max = Math.max(max, now);
    onProgress?.(fuzzer.inputs, now);
  }, 100);
  const start = performance.now();
  try {
    await fuzzer.run();
  } catch (error) {
    // A crash shows itself as a closed connection first.
    const crashed = await Promise.race([daemon.exited, sleep(500)]);
    throw crashed === undefined
      ? error
      : new Error(`the daemon ended: ${String(error)}\n${daemon.text}`, { cause: error });
  } finally {
    clearInterval(sampler);
  }
  const seconds = (performance.now() - start) / 1000;
  const end = memoryBytes(pid, 'VmRSS');
  const { code, signal } = await daemon.stop();
  if (code !== 0) throw new Error(`the daemon ended with ${code ?? signal}: ${daemon.text}`);
  const trouble = daemon.log.filter(({ level }) => level !== 'info');
  if (trouble.length > 0) throw new Error(`the daemon logged ${JSON.stringify(trouble.slice(0, 3))}`);
  if (daemon.text !== '') throw new Error(`the daemon printed ${daemon.text}`);
  const codes = [...fuzzer.histogram.entries()].filter(([, count]) => count > 0);
  return {
    inputs: fuzzer.inputs,
    seconds,
    codes: new Map(codes),
    memory: { ready, warm, max: Math.max(max, end), end },
  };
}
