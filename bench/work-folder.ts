// The one folder that a run of a bench writes in, below dist/ so that it lies on the disk that the project lies on. It and every
// process that was started are gone when the run ends, however it ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endAll, root } from './process.js';

/** Makes it. To be called once, before anything is started. */
export function makeWorkFolder(): string {
  const folder = mkdtempSync(join(root, 'dist/bench-work-'));
  process.on('exit', () => {
    endAll();
    // A process that is dying may still make a file.
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
