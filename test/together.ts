// Several test files in one process, one after another: to begin a process and to load tap takes longer than many files take.
// For files that leave the process as it was. The suite gives their names in SALOND_TEST_FILES, and the
// group's as the argument: tap names its folders after the arguments, and groups run beside each other.
import { join } from 'node:path';
import t from 'tap';
import { noteEnd } from './support/cpu.js';

const { SALOND_TEST_FILES: files = '', TAP_TIMEOUT: seconds = '120' } = process.env;
delete process.env['SALOND_TEST_FILES'];
const { jobs } = t;
const umask = process.umask(0o022);
process.umask(umask);
const environment = { ...process.env };
for (const file of files.split(',')) {
  // Loaded inside a test: where nothing runs, tap takes the tests for ended.
  await t.test(file, async (loading) => {
    t.jobs = jobs;
    // Each file has the time that it has alone, from here on.
    t.setTimeout(Number(seconds) * 1000);
    await import(join(import.meta.dirname, file));
    loading.pass('it is loaded');
  });
  let hasEnded = false as boolean;
  // Waits for the tests of the file, those beside each other included.
  await t.test(`${file} leaves the process as it was`, async (t) => {
    t.same(process.env, environment, 'its environment');
    // A daemon of the test's process sets it, as the program does.
    process.umask(umask);
    hasEnded = true;
  });
  if (!hasEnded) throw new Error(`tap did not run the tests of ${file}`);
  noteEnd(file);
}
