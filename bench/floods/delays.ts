// Measures the delays of an event loop from outside, through loop-delay.ts, which is loaded into the daemon and
// into an idle process beside it: where the idle one is late too, the machine was busy and not the daemon.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guard, root } from '../process.js';

/** What was measured of an event loop; NaN for what was not. */
export interface Delay {
  /** The longest delay by the clock, in milliseconds: also while the process waits for a processor. */
  readonly delay: number;
  /** The longest step in processor time of the loop's thread, without garbage collection, in milliseconds. */
  readonly step: number;
  /** The most garbage collection in one step, in milliseconds. */
  readonly collection: number;
  /** How many steps took more than ten milliseconds of processor time. */
  readonly long: number;
  /** When the longest step began and ended, in milliseconds of the monotonic clock. */
  readonly longest?: readonly [begin: number, end: number];
  /** The same of the steps that took more than ten milliseconds, as far as they are known. */
  readonly longOnes?: readonly (readonly [begin: number, end: number])[];
}

/** What is known of a process that did not answer. */
export const unknownDelay: Delay = { delay: NaN, step: NaN, collection: NaN, long: NaN };

/** Milliseconds that a process may take to write its longest delay: its loop may stand still. */
const answerTimeout = 30_000;

/** Starts to measure a process, or ends it. Returns whether there is such a process. */
function signal(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGUSR2');
  } catch {
    return false;
  }
}

/** Starts to measure a process. Does nothing if it has ended. */
export function startDelay(pid: number): void {
  signal(pid);
}

/** Ends the measurement. Fulfils with what the process writes to the file; `unknownDelay` if it writes nothing. */
export async function endDelay(pid: number, file: string): Promise<Delay> {
  rmSync(file, { force: true });
  if (!signal(pid)) return unknownDelay;
  for (const end = performance.now() + answerTimeout; performance.now() < end; ) {
    await sleep(10);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text !== '') return readDelay(text);
  }
  return unknownDelay;
}

/** Reads what loop-delay.ts writes: an object of figures, or the longest delay alone. */
export function readDelay(text: string): Delay {
  const found = JSON.parse(text) as Partial<Delay> | number;
  return { ...unknownDelay, ...(typeof found === 'number' ? { delay: found } : found) };
}

/** A process whose loop does nothing. */
export interface Control {
  start(): void;
  end(): Promise<Delay>;
  stop(): void;
}

/** Starts an idle process that is measured as the daemon is. */
export function startControl(folder: string): Control {
  const file = join(folder, 'control-delay');
  const measured = ['--import', join(root, 'dist/bench/floods/loop-delay.js')];
  const child = guard(
    spawn(process.execPath, [...measured, '-e', 'setInterval(() => undefined, 1000)'], {
      env: { ...process.env, LOOP_DELAY: file },
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const pid = child.pid ?? 0;
  return { start: () => startDelay(pid), end: () => endDelay(pid, file), stop: () => void child.kill('SIGKILL') };
}
