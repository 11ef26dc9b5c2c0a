// Loaded into a daemon before it starts (`node --import`). Measures the delay of its event loop from one SIGUSR2 to the
// next, and writes the longest one in milliseconds to the file that LOOP_DELAY names.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two samples; part of every delay that is measured. */
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
