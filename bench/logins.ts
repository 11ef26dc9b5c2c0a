// Workload h: password logins per second at the default cost of scrypt, compared with bare hashes.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Asker } from './asker.js';
import { root } from './process.js';
import { median, significant } from './rounds.js';
import { makeData, password } from './salond-data.js';
import { salond } from './servers.js';
import type { Sizes } from './arguments.js';

const cost = { logN: 15, r: 8, p: 3 } as const;
const connections = 16;

const user = { username: 'load-0' } as const;

/** Logins per second, from the end of the first one to the end of the last one, because there are only a few. */
async function logins(port: number, seconds: number): Promise<number> {
  const ends: number[] = [];
  const limit = performance.now() + seconds * 1000;
  const askers = await Promise.all(Array.from({ length: connections }, () => Asker.to(port)));
  await Promise.all(
    askers.map(async (asker) => {
      while (performance.now() < limit) {
        await asker.ask({ command: 'authenticate_user', ...user, password }, { command: 'log_out', ...user });
        ends.push(performance.now());
      }
    }),
  );
  for (const asker of askers) asker.close();
  return perSecond(ends.filter((at) => at <= limit));
}

/** Events per second, from their times in milliseconds. */
export function perSecond(times: readonly number[]): number {
  return ((times.length - 1) * 1000) / ((times.at(-1) ?? NaN) - (times[0] ?? NaN));
}

async function bareHashes(seconds: number): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(root, 'dist/bench/bare-hash.js'),
    String(seconds),
  ]);
  return perSecond(JSON.parse(stdout) as readonly number[]);
}

/** Measures logins and bare hashes by turns. */
export async function measureLogins(
  folder: string,
  { rounds, seconds }: Sizes,
): Promise<{ readonly salond: number; readonly bare: number }> {
  const data = join(folder, 'logins');
  await makeData(data, 1, cost);
  const server = salond({
    data,
    settings: { SALOND_PASSWORD_LOG_N: String(cost.logN), SALOND_PASSWORD_P: String(cost.p) },
  });
  const found = { salond: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const running = await server.start();
    try {
      // A hash takes a fifth of a second, so a few seconds would give too few to compare.
      found.salond.push(await logins(running.port, 3 * seconds));
    } finally {
      await running.stop();
    }
    found.bare.push(await bareHashes(3 * seconds));
  }
  return { salond: significant(median(found.salond)), bare: significant(median(found.bare)) };
}
