// Tests how the memory limit is read, over copies of the files that Linux has for both versions of control groups.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { defaultBufferBytes, memoryLimit } from '../../src/ops/memory-limit.js';
import { temporaryFolder } from '../support/daemon.js';

const total = 8 * 1024 ** 3;
const mebibyte = 1024 ** 2;

const machines: readonly {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly limit: number;
}[] = [
  { what: 'no control groups', files: {}, limit: total },
  {
    what: 'a group of version 2',
    files: {
      'proc/self/cgroup': '0::/system.slice/salond.service\n',
      'sys/fs/cgroup/system.slice/salond.service/memory.max': '536870912\n',
    },
    limit: 512 * mebibyte,
  },
  {
    what: 'a group of version 2 without a limit, in one with a limit',
    files: {
      'proc/self/cgroup': '0::/system.slice/salond.service\n',
      'sys/fs/cgroup/system.slice/salond.service/memory.max': 'max\n',
      'sys/fs/cgroup/system.slice/memory.max': '1073741824\n',
    },
    limit: 1024 * mebibyte,
  },
  {
    what: 'a container of version 2',
    files: { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/memory.max': '268435456\n' },
    limit: 256 * mebibyte,
  },
  {
    what: 'a group of version 1',
    files: {
      'proc/self/cgroup': '5:cpu,cpuacct:/a\n4:memory:/salond\n0::/\n',
      'sys/fs/cgroup/memory/salond/memory.limit_in_bytes': '536870912\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    },
    limit: 512 * mebibyte,
  },
  {
    what: "a container of version 1, which sees the host's path",
    files: {
      'proc/self/cgroup': '4:cpuset,memory:/docker/4711\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '268435456\n',
    },
    limit: 256 * mebibyte,
  },
  {
    what: 'a group that may have more than the machine has',
    files: { 'proc/self/cgroup': '0::/a\n', 'sys/fs/cgroup/a/memory.max': '99999999999999\n' },
    limit: total,
  },
  {
    what: 'files that say nothing',
    files: { 'proc/self/cgroup': 'odd\n0::\n0::/a\n', 'sys/fs/cgroup/a/memory.max': '\n' },
    limit: total,
  },
];

for (const { what, files, limit } of machines) {
  t.test(`the memory with ${what}`, async (t) => {
    const root = temporaryFolder(t);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    t.equal(memoryLimit(root, total), limit);
  });
}

t.test('buffers may take a quarter of the memory, and 64 MiB at least', async (t) => {
  t.equal(defaultBufferBytes(total), total / 4);
  t.equal(defaultBufferBytes(100 * mebibyte), 64 * mebibyte);
  t.ok(memoryLimit() > 0 && Number.isFinite(memoryLimit()));
});
