// The suite loads this before each test file (`node --import`). At its end the process writes the CPU seconds of itself
// and of the processes that it waited for into the file that SALOND_TEST_CPU names. Does nothing on a system without
// /proc.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks in a second, as Linux counts them for programs (proc(5)). */
const ticksPerSecond = 100;

const { SALOND_TEST_CPU: target } = process.env;
// Child processes do not write, because they are counted with this one.
delete process.env['SALOND_TEST_CPU'];

process.on('exit', () => {
  if (target === undefined || !existsSync('/proc/self/stat')) return;
  // The fields from 3 on follow the program's name. Fields 14 to 17 are utime, stime, cutime and cstime.
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  writeFileSync(target, String(ticks / ticksPerSecond));
});
