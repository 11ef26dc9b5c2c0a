// Measures the time that the disk needs for one commit without a database. Workload d is compared with it.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './rounds.js';

/** About as much as SQLite writes to its log for a message: three pages. */
const bytes = 12 * 1024;
const times = 300;

/** The median of the milliseconds that it takes to append to a file in `folder` and to sync it. */
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
