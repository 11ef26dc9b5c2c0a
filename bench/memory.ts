// Workload g: measures the memory of an idle connection in a room.
import { setTimeout as sleep } from 'node:timers/promises';
import { gather } from './generator.js';
import { memoryBytes } from './process.js';
import { each, inTurn, median } from './rounds.js';
import type { Sizes } from './arguments.js';
import type { ByServer } from './names.js';
import type { Server } from './servers.js';

const crowd = { rooms: 1000, members: 10, speakers: 1, mode: 'single' } as const;
/** The first connections, which are not counted: they make the server load what it needs only once. */
const first = { ...crowd, rooms: 100 } as const;
const others = { ...crowd, rooms: crowd.rooms - first.rooms, from: first.rooms } as const;
/** Milliseconds before memory is read. */
const settle = 3000;

async function bytesEach(server: Server): Promise<number> {
  const running = await server.start();
  try {
    const some = await gather(server, running, first, { seconds: 1 });
    try {
      await sleep(settle);
      const before = memoryBytes(running.pid, 'VmRSS');
      const all = await gather(server, running, others, { seconds: 1 });
      await sleep(settle);
      const after = memoryBytes(running.pid, 'VmRSS');
      await all.leave();
      return (after - before) / (others.rooms * others.members);
    } finally {
      await some.leave();
    }
  } finally {
    await running.stop();
  }
}

/** Resident bytes per connection of each server. */
export async function measureMemory(
  servers: readonly Server[],
  { rounds }: Sizes,
  note: (text: string) => void,
): Promise<{ readonly servers: ByServer<number> }> {
  // Durability makes no difference to connections.
  const taking = servers.filter(({ name }) => name !== 'salond, relaxed');
  return { servers: each(await inTurn(taking, rounds, bytesEach, note), (taken) => Math.round(median(taken))) };
}
