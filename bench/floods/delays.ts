// Measures the longest step of an event loop from outside, through loop-delay.ts, which is loaded into the daemon and
// into an idle process beside it: where the idle one is late too, the machine was busy and not the daemon.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guard, root } from '../process.js';

/** The longest step of a loop, in milliseconds. */
export interface Delay {
  /** By the clock: also while the process waits for a processor. */
  readonly wall: number;
  /** In processor time of the loop's thread; NaN if it was not measured. */
  readonly processor: number;
}

/** What is known of a process that did not answer. */
export const unknownDelay: Delay = { wall: NaN, processor: NaN };

/** Milliseconds that a process may take to write its longest delay: its loop may stand still. */
const answerTimeout = 30_000;

/** Starts to measure a process. */
export function startDelay(pid: number): void {
  process.kill(pid, 'SIGUSR2');
}

/** Ends the measurement. Fulfils with what the process writes to the file; `unknownDelay` if it writes nothing. */
export async function endDelay(pid: number, file: string): Promise<Delay> {
  rmSync(file, { force: true });
  try {
    process.kill(pid, 'SIGUSR2');
  } catch {
    return unknownDelay;
  }
  for (const end = performance.now() + answerTimeout; performance.now() < end; ) {
    await sleep(10);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text !== '') return readDelay(text);
  }
  return unknownDelay;
}

/** Reads what loop-delay.ts writes: the delay by the clock, and the processor time, with a space between. */
export function readDelay(text: string): Delay {
  const [wall = NaN, processor = NaN] = text.trim().split(/\s+/).map(Number);
  return { wall, processor };
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
