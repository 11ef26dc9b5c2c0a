// The clients of keepalives.ts, in a process of their own: each connection has a file at both ends. The first half is
// silent, and the second half answers.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the clients have seen so far. */
export interface Seen {
  /** The fewest and the most signs of life that a client got. */
  readonly fewest: number;
  readonly most: number;
  /** When each client was closed, by the clock of all processes, and whether it is of the half that answers. */
  readonly closed: readonly { readonly at: number; readonly answers: boolean }[];
}

/** How many clients write at once, and milliseconds until the next ones do. */
const [atOnce, pause] = [100, 100];

const [port = 0, count = 0] = process.argv.slice(2).map(Number);
const clients: Socket[] = [];
const signs = Array<number>(count).fill(0);
const closed: { at: number; answers: boolean }[] = [];

async function open(): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const index = clients.push(socket) - 1;
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.on('close', () => closed.push({ at: Date.now(), answers: index >= count / 2 }));
  socket.on('data', (bytes) => {
    signs[index] = (signs[index] ?? 0) + bytes.toString('latin1').split('191\t').length - 1;
  });
}

async function answer(): Promise<void> {
  const half = clients.slice(count / 2);
  for (;;) {
    for (let next = 0; next < half.length; next += atOnce) {
      for (const client of half.slice(next, next + atOnce)) client.write('\n');
      await sleep(pause);
    }
  }
}

process.on('message', () => {
  const seen: Seen = { fewest: Math.min(...signs), most: Math.max(...signs), closed };
  process.send?.(seen);
});
while (clients.length < count) await Promise.all(Array.from({ length: atOnce }, open));
process.send?.('ready');
void answer();
