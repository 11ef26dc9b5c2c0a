// Tests the audit file on a disk that does not take everything: the file has complete lines in order, and dropped lines
// are counted.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AuditFile } from '../../src/ops/audit-file.js';

t.test(
  'a file that takes only a part gets the rest later, in complete lines, and dropped lines are counted',
  async (t) => {
    const path = join(t.testdir({}), 'pipe');
    execFileSync('mkfifo', [path]);
    // The pipe plays a disk that is full and later has room: it holds 64 KiB, and the test decides when it is read.
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const failures: unknown[] = [];
    const resumed = new Promise<number>((resolve) => {
      const file = new AuditFile(path, { onFailure: (error) => failures.push(error), onResumed: resolve }, 20);
      file.open();
      t.teardown(() => file.close());
      for (let each = 0; each < 2000; each += 1) file.write(`${String(each).padStart(999, '.')}\n`);
    });
    t.equal(failures.length, 1, 'one failure is reported for all lines');
    t.match(failures, [{ code: 'EAGAIN' }]);
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
    const numbers = text
      .trimEnd()
      .split('\n')
      .map((line) => Number(/^\.*(\d+)$/.exec(line)?.[1]));
    t.ok(dropped > 0);
    t.same(
      numbers,
      Array.from({ length: 2000 - dropped }, (_, each) => each),
    );
  },
);

t.test('another file takes over the complete lines that one could not write', async (t) => {
  const [pipe, path] = [join(t.testdir({}), 'pipe'), join(t.testdir({}), 'audit')];
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  t.teardown(() => closeSync(reader));
  const resumed: number[] = [];
  const events = { onFailure: () => undefined, onResumed: (dropped: number) => resumed.push(dropped) };
  const [before, after] = [new AuditFile(pipe, events), new AuditFile(path, events)];
  before.open();
  const line = (each: number): string => `${String(each).padStart(699, '.')}\n`;
  for (let each = 0; each < 2000; each += 1) before.write(line(each));
  after.takeOver(before.close());
  after.write(line(2000));
  after.close();
  const numbers = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((each) => Number(/^\.*(\d+)$/.exec(each)?.[1]));
  const [first = NaN, dropped = NaN] = [numbers[0], resumed[0]];
  t.ok(first > 0 && first < 100, `the pipe has the first lines, and the file goes on with line ${first}`);
  t.same(numbers, [...Array.from({ length: 2000 - dropped - first }, (_, each) => first + each), 2000]);
  t.equal(resumed.length, 1);
});

t.test('a line that is too long is dropped, and no other', async (t) => {
  const path = join(t.testdir({}), 'audit');
  const resumed: number[] = [];
  const file = new AuditFile(path, {
    onFailure: (error) => t.fail(String(error)),
    onResumed: (dropped) => resumed.push(dropped),
  });
  file.open();
  for (const line of ['one\n', `${'x'.repeat(1024 * 1024)}\n`, 'two\n']) file.write(line);
  file.close();
  t.equal(readFileSync(path, 'utf8'), 'one\ntwo\n');
  t.same(resumed, [1]);
});
