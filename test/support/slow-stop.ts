// A stop that takes as long as one may, for tests of stops that wait for nobody: how long either takes depends on the
// machine, and which of them ends first does not.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningDaemon, Teardown } from './daemon.js';
import { hostDaemon } from './in-process.js';

/** Hosts a daemon with a client that reads its many replies so slowly that a stop gives it up in the end. */
export async function hostSlowStop(t: Teardown): Promise<RunningDaemon> {
  const daemon = hostDaemon(t);
  const port = await daemon.port();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).pause();
  socket.on('error', () => undefined);
  const reading = setInterval(() => {
    socket.once('data', () => socket.pause()).resume();
  }, 150);
  t.teardown(() => {
    clearInterval(reading);
    socket.destroy();
  });
  await once(socket, 'connect');
  // Until the kernel and the daemon take no more, which is when replies wait for the client.
  const pings = `ping ${'x'.repeat(1000)}\n`.repeat(64);
  for (let taken = true; taken; ) {
    const written = new Promise<boolean>((resolve) => {
      socket.write(pings, () => resolve(true));
    });
    taken = await Promise.race([written, sleep(300, false)]);
  }
  return daemon;
}

/** Stops both daemons. Returns whether the first ends with status 0, and before the slow one. */
export async function stopsFirst(daemon: RunningDaemon, slow: RunningDaemon): Promise<boolean> {
  let slowHasEnded = false as boolean;
  const slowEnd = slow.stop().then(() => {
    slowHasEnded = true;
  });
  const { code } = await daemon.stop();
  const isFirst = !slowHasEnded;
  await slowEnd;
  return code === 0 && isFirst;
}
