// Several test files in one process, one after another: to begin a process and to load tap takes longer than many files take.
// For files that change nothing of this one. The suite gives their names in SALOND_TEST_FILES, and the
// group's as the argument: tap names its folders after the arguments, and groups run beside each other.
import { join } from 'node:path';
import t from 'tap';

const { SALOND_TEST_FILES: files = '' } = process.env;
delete process.env['SALOND_TEST_FILES'];
for (const file of files.split(',')) {
  // tap prints it before the tests that the file adds.
  t.comment(file);
  await import(join(import.meta.dirname, file));
}
