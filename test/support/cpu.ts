// The suite loads this before each test file (`node --import`). At its end the process writes how long each of its
// files took into the file that SALOND_TEST_CPU names: seconds of CPU, of the process and of those that it waited for.
// Knows no CPU on a system without /proc.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks in a second, as Linux counts them for programs (proc(5)). */
const ticksPerSecond = 100;

const { SALOND_TEST_CPU: target } = process.env;
// Child processes do not write, because they are counted with this one.
delete process.env['SALOND_TEST_CPU'];

/** What a test file took, in seconds: of all processors, and of the clock. */
export interface FileTime {
  readonly file: string;
  readonly cpu: number;
  readonly wall: number;
}

const times: FileTime[] = [];

/** The CPU seconds so far, of this process and of those that it waited for. */
export function cpuSeconds(): number {
  if (!existsSync('/proc/self/stat')) return 0;
  // The fields from 3 on follow the program's name. Fields 14 to 17 are utime, stime, cutime and cstime.
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / ticksPerSecond;
}

/** Notes that the file has ended: it took all that was used since the one before. */
export function noteEnd(file: string): void {
  const before = (what: 'cpu' | 'wall'): number => times.reduce((sum, each) => sum + each[what], 0);
  times.push({ file, cpu: cpuSeconds() - before('cpu'), wall: performance.now() / 1000 - before('wall') });
}

process.on('exit', () => {
  if (target === undefined) return;
  // What follows the last file of several is the end of the process, and the whole process where there is one file.
  noteEnd('');
  writeFileSync(target, JSON.stringify(times));
});
