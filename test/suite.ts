// The whole suite, for tap to run as one file. Each test file is a process of its own, a few at a time, without the hooks
// for coverage and mocks that tap loads into every Node.js below it: nothing here uses them, and they take longer than most
// of the files do.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { root } from './support/daemon.js';

const fileSeconds = 120;

const folder = import.meta.dirname;
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((each) => each.endsWith('.test.js'))
  .sort();

t.jobs = 4;
t.setTimeout(0);
for (const file of files) {
  const path = join(folder, file);
  t.spawn('env', ['-u', 'NODE_OPTIONS', `TAP_TIMEOUT=${fileSeconds}`, process.execPath, '--enable-source-maps', path], {
    name: relative(root, path),
    cwd: root,
    buffered: true,
    timeout: fileSeconds * 1000,
  });
}
