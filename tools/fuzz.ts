// `npm run fuzz -- [COUNT] [SEED]`: starts a daemon, sends it COUNT wrong and half-right lines (100,000 by default),
// and checks every reply. Exits 1 at the first wrong one. The same SEED gives the same lines on each connection.
import { code as codes } from '../src/wire/generated/codes.js';
import { event as events } from '../src/wire/generated/events.js';
import { fuzz, type FuzzReport } from '../test/fuzz/run.js';

const mebibyte = 2 ** 20;

function megabytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)} MiB`;
}

function codeName(number: number): string {
  return Object.entries({ ...codes, ...events }).find(([, value]) => value === number)?.[0] ?? '?';
}

function show({ inputs, seconds, codes: counts, memory }: FuzzReport): void {
  const rate = Math.round(inputs / seconds).toLocaleString('en');
  console.log(`${inputs.toLocaleString('en')} inputs in ${seconds.toFixed(1)} s, ${rate} a second`);
  const { ready, warm, max, end } = memory;
  const sizes = [ready, warm, max, end].map(megabytes);
  console.log(`memory (VmRSS) when ready, after a tenth, at most, in the end: ${sizes.join(', ')}`);
  for (const [code, count] of counts) console.log(`| ${code} | ${codeName(code)} | ${count.toLocaleString('en')} |`);
}

const [count = '100000', given] = process.argv.slice(2);
const seed = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
if (!Number.isSafeInteger(Number(count)) || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run fuzz -- [COUNT] [SEED]');
  process.exit(2);
}

console.log(`seed ${seed}`);
const ends: (() => unknown)[] = [];
let shown = performance.now();
try {
  show(
    await fuzz(
      { teardown: (end) => ends.unshift(end) },
      {
        seed,
        inputs: Number(count),
        onProgress: (inputs, memory) => {
          if (performance.now() < shown + 10_000) return;
          shown = performance.now();
          console.log(`${inputs.toLocaleString('en')} inputs, ${megabytes(memory)}`);
        },
      },
    ),
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const end of ends) await end();
}
