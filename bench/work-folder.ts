// Creates the folder that a run of a bench writes to. It is below dist/, so it is on the same disk as the project. When
// the run ends, also by a signal, the folder is removed and all processes are ended.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endAll, root } from './process.js';

/** Makes the folder and returns its path. Call it once, before anything is started. */
export function makeWorkFolder(): string {
  const folder = mkdtempSync(join(root, 'dist/bench-work-'));
  process.on('exit', () => {
    endAll();
    // A process that is about to end may still write a file, so the removal is retried.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.on(signal, () => process.exit(code));
  return folder;
}
