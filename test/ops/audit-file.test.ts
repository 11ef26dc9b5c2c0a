// The audit file where the disk does not take all: what is read is whole lines, in order, and what is lost is counted.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AuditFile } from '../../src/ops/audit-file.js';

t.test('a file that takes a part gets the rest later, line by line, and what was too much is counted', async (t) => {
  const path = join(t.testdir({}), 'pipe');
  execFileSync('mkfifo', [path]);
  // A pipe holds 64 KiB, and is read only when the test wants it: a disk that is full, and then is not.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const told: unknown[] = [];
  const resumed = new Promise<number>((resolve) => {
    const file = new AuditFile(path, { onFailure: (error) => told.push(error), onResumed: resolve }, 20);
    file.open();
    t.teardown(() => file.close());
    for (let each = 0; each < 2000; each += 1) file.write(`${String(each).padStart(999, '.')}\n`);
  });
  t.equal(told.length, 1, 'once, however many lines come');
  t.match(told, [{ code: 'EAGAIN' }]);
  let text = '';
  const read = (): void => {
    const bytes = Buffer.alloc(65_536);
    try {
      text += bytes.toString('utf8', 0, readSync(reader, bytes, 0, bytes.length, null));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  };
  const reading = setInterval(read, 5);
  const dropped = await resumed;
  clearInterval(reading);
  read();
  read();
  closeSync(reader);
  const numbers = text.trimEnd().split('\n').map((line) => Number(/^\.*(\d+)$/.exec(line)?.[1]));
  t.ok(dropped > 0);
  t.same(numbers, Array.from({ length: 2000 - dropped }, (_, each) => each));
});
