// Loaded into a daemon before it starts (`node --import`): measures its event loop from one SIGUSR2 to the next, and
// writes the longest delay, in milliseconds, to the file that LOOP_DELAY names.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two looks, which a delay counts from. */
const resolution = 1;

const histogram = monitorEventLoopDelay({ resolution });
let measuring = false;

process.on('SIGUSR2', () => {
  measuring = !measuring;
  if (measuring) {
    histogram.reset();
    histogram.enable();
    return;
  }
  histogram.disable();
  writeFileSync(process.env['LOOP_DELAY'] ?? '', String(histogram.max / 1e6 - resolution));
});
