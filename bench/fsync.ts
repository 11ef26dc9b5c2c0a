// What the disk asks for one commit, without a database: the measure for workload d.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './rounds.js';

/** About what SQLite's log takes for a message: three pages. */
const bytes = 12 * 1024;
const times = 300;

/** Milliseconds to append to a file in `folder` and to sync it: the median. */
export function measureSync(folder: string): number {
  const path = join(folder, 'fsync');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(bytes, 1);
  const took = Array.from({ length: times }, () => {
    const start = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  rmSync(path);
  return median(took);
}
