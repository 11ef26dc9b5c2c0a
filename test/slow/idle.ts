// `npm run test:slow`: fifteen thousand users who send nothing stay connected for longer than any deadline, at less
// than 6 KB of memory each.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { memoryBytes } from '../../bench/process.js';
import { Client } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';

const count = 15_000;
const perRoom = 10;
/** Longer than login_seconds, user_line_seconds and the time of a keep-alive. */
const idleSeconds = 150;
/** Until so many are there, V8's young generation grows to its full size, which is not a cost of each user. */
const uncounted = 5000;

/** Sends a line and waits for a reply with code 1. */
async function ask(socket: Socket, line: string): Promise<void> {
  socket.write(`${line}\n`);
  for (;;) {
    const [text] = (await once(socket, 'data')) as [Buffer];
    if (
      text
        .toString('latin1')
        .split('\n')
        .some((each) => each.startsWith('1\t'))
    )
      return;
  }
}

t.test(`${count} idle users stay connected at less than 6 KB each`, { timeout: 600_000 }, async (t) => {
  const daemon = startDaemon(t, { env: { SALOND_MAX_CONNECTIONS: '20000' } });
  const port = await daemon.port();
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const sockets: Socket[] = [];
  let ended = 0;
  const connectUsers = async (until: number): Promise<void> => {
    while (sockets.length < until) {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const socket = connect(port, '127.0.0.1');
          socket
            .on('error', () => undefined)
            .on('close', () => {
              ended += 1;
            });
          const room = Math.floor(sockets.push(socket) / perRoom);
          await once(socket, 'connect');
          await ask(socket, 'authenticate_user alice alice password');
          await ask(socket, `join_chatroom alice room-${room}`);
          socket.resume();
        }),
      );
    }
    await sleep(3000);
  };
  const pid = daemon.process.pid ?? 0;
  await connectUsers(uncounted);
  const before = memoryBytes(pid, 'VmRSS');
  await connectUsers(count);
  const each = (memoryBytes(pid, 'VmRSS') - before) / (count - uncounted);
  t.comment(`${Math.round(each)} bytes each`);
  t.ok(each < 6 * 1024, `${Math.round(each)} bytes each`);
  await sleep(idleSeconds * 1000);
  t.equal(ended, 0, 'no connection was closed');
  await Promise.all(sockets.filter((_, index) => index % 100 === 0).map((socket) => ask(socket, 'ping')));
  await alice.ok('ping');
  for (const socket of sockets) socket.destroy();
});
