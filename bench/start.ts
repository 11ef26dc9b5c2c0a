// Workload j: how long the daemon takes to be ready with an empty folder, with many messages on disk, and with the same
// after a kill -9.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gather } from './generator.js';
import { loads } from './loads.js';
import { median, significant } from './rounds.js';
import { addMessages } from './salond-data.js';
import { salond, type Server } from './servers.js';
import type { Sizes } from './arguments.js';
import type { Measured } from './results.js';

/**
 * Milliseconds until ready. The daemon is then stopped with SIGTERM, so that the next start finds a log that was
 * closed.
 */
async function readyAfter(server: Server): Promise<number> {
  const running = await server.start();
  await running.stop('SIGTERM');
  return running.readyAfter;
}

/** Messages a second: about half of what the daemon can do. */
const rate = 5000;

/** Kills the daemon in the middle of a load. */
async function killUnderLoad(server: Server, seconds: number): Promise<void> {
  const running = await server.start();
  const gathering = await gather(server, running, { ...loads.b, mode: 'gathered' }, { seconds: 60 + seconds });
  // The generator complains, rightly, that the server went away.
  const cut = gathering.flow(rate).catch(() => undefined);
  await sleep(seconds * 1000);
  await running.stop();
  await cut;
}

/** Measures the start with `messages` messages on disk. */
export async function measureStart(
  folder: string,
  users: string,
  { rounds, seconds, messages }: Sizes,
): Promise<Measured['j']> {
  const [empty, full] = [join(folder, 'empty'), join(folder, 'full')];
  cpSync(users, full, { recursive: true });
  await addMessages(full, messages);
  const taken: Record<'empty' | 'full' | 'killed', number[]> = { empty: [], full: [], killed: [] };
  for (let round = 0; round < rounds; round += 1) {
    rmSync(empty, { recursive: true, force: true });
    taken.empty.push(await readyAfter(salond({ data: empty })));
    const server = salond({ data: full });
    taken.full.push(await readyAfter(server));
    await killUnderLoad(server, seconds);
    taken.killed.push(await readyAfter(server));
  }
  rmSync(full, { recursive: true });
  const of = (key: keyof typeof taken): number => significant(median(taken[key]));
  return { messages, empty: of('empty'), full: of('full'), killed: of('killed') };
}
