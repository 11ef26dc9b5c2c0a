// Loaded before a test file by the suite (`node --import`): as the process ends it writes how many seconds of CPU it and the
// processes that it waited for took into the file that SALOND_TEST_CPU names. Nothing where the system does not tell.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks in a second, as Linux counts them for programs (proc(5)). */
const ticksPerSecond = 100;

const { SALOND_TEST_CPU: target } = process.env;
// The processes that the file starts are counted with it.
delete process.env['SALOND_TEST_CPU'];

process.on('exit', () => {
  if (target === undefined || !existsSync('/proc/self/stat')) return;
  // Behind the name of the program: the fields 3 and more. Those from 14 on are utime, stime, cutime and cstime.
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  writeFileSync(target, String(ticks / ticksPerSecond));
});
