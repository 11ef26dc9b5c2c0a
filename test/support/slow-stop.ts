// A stop that takes as long as one may, for tests of stops that wait for nobody: how long either takes depends on the
// machine, and which of them ends first does not.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Client } from './client.js';
import type { RunningDaemon, Teardown } from './daemon.js';
import { hostDaemon } from './in-process.js';

/** Hosts a daemon with a client that neither reads nor closes. */
export async function hostSlowStop(t: Teardown): Promise<RunningDaemon> {
  const daemon = hostDaemon(t);
  const port = await daemon.port();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).pause();
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  // Connections are accepted in order, so the daemon has it.
  const next = await Client.connect(port);
  await next.ok('ping');
  next.destroy();
  return daemon;
}

/** Stops both daemons. Returns whether the first ends with status 0, and before the slow one. */
export async function stopsFirst(
  daemon: RunningDaemon,
  slow: RunningDaemon,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<boolean> {
  let slowHasEnded = false as boolean;
  const slowEnd = slow.stop(signal).then(() => {
    slowHasEnded = true;
  });
  const { code } = await daemon.stop(signal);
  const isFirst = !slowHasEnded;
  await slowEnd;
  return code === 0 && isFirst;
}
