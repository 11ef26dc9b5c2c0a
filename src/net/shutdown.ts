// Waits, when the daemon stops, until all clients have received their last lines, within time limits.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndTogether } from './connection-options.js';
import type { Connection } from './connection.js';
import type { StallDetector } from './stall-detector.js';

/** Milliseconds in which the requests that have come may be answered. */
const answerMilliseconds = 4000;

/** Milliseconds from the beginning of the stop after which a client that still reads is cut off. */
const deliveryMilliseconds = 6000;

/** Milliseconds for which a client may take nothing of its last lines. */
const quietMilliseconds = 2000;

/** The shortest and the longest pause between two checks of the connections, in milliseconds. */
const [shortestStep, longestStep] = [10, 200];

/**
 * Milliseconds that a check may take. It needs a thread of the pool, and all threads may wait for a disk that hangs.
 */
const checkMilliseconds = 500;

type Connections = ReadonlyMap<Connection, unknown>;

/**
 * Waits until every connection has delivered its last lines. The caller has called `finish` on all of them. Gives up
 * requests after four seconds, clients that take nothing after two, and all others after six. Fulfils with the number
 * of clients that it gave up.
 */
export async function waitForDelivery(
  connections: Connections,
  stalls: StallDetector<Connection>,
  together: EndTogether,
): Promise<number> {
  const started = performance.now();
  await waitUntilAll(connections, stalls, (connection) => connection.closing, started + answerMilliseconds);
  await together(connections.keys(), (connection) => connection.finishNow());
  const isDone = (connection: Connection): boolean =>
    connection.delivered || connection.quietMilliseconds > quietMilliseconds;
  await waitUntilAll(connections, stalls, isDone, started + deliveryMilliseconds);
  return Array.from(connections.keys()).filter(({ delivered }) => !delivered).length;
}

/** Waits until `isDone` is true of every connection, or until `end` on the monotonic clock. */
async function waitUntilAll(
  connections: Connections,
  stalls: StallDetector<Connection>,
  isDone: (connection: Connection) => boolean,
  end: number,
): Promise<void> {
  for (let step = shortestStep; performance.now() < end; step = Math.min(longestStep, 2 * step)) {
    if (Array.from(connections.keys()).every(isDone)) return;
    await sleep(step);
    await Promise.race([stalls.check(), sleep(checkMilliseconds, undefined, { ref: false })]);
  }
}
