// The options of connections in tests that run without a daemon. Memory has no limit in them.
import { TurnEnd } from '../../src/loop/turn-end.js';
import { createConnectionDeadlines } from '../../src/net/connection-deadlines.js';
import type { ConnectionOptions } from '../../src/net/connection-options.js';
import type { Connection } from '../../src/net/connection.js';
import { FlushScheduler } from '../../src/net/flush-scheduler.js';
import { GuestReading } from '../../src/net/guest-reading.js';
import { Keepalives } from '../../src/net/keepalives.js';
import { MemoryBudget } from '../../src/net/memory-budget.js';
import { StallDetector } from '../../src/net/stall-detector.js';
import { TurnScheduler } from '../../src/net/turn-scheduler.js';

/** Milliseconds of each limit that the test does not set. */
const limit = 10_000;

/** Options of their own, so that tests do not share a scheduler. @param own those that the test sets itself */
export function testConnectionOptions(own: Partial<ConnectionOptions<Connection>> = {}): ConnectionOptions<Connection> {
  const turnEnd = new TurnEnd();
  return {
    maxLineBytes: 16_384,
    maxOutboxBytes: 1_000_000,
    stallMilliseconds: limit,
    stalls: new StallDetector(limit),
    deadlines: createConnectionDeadlines({ login: limit, guestLine: limit, userLine: limit }),
    guestReplyBytes: 16_384,
    keepalives: new Keepalives({
      each: (all, act) => turnEnd.each(all, act),
      together: async (all, end) => turnEnd.each(all, end),
    }),
    flushScheduler: new FlushScheduler(),
    memory: new MemoryBudget(() => Infinity),
    guestReading: new GuestReading({ guestsHaveRoom: true }),
    turns: new TurnScheduler(),
    together: async (all, end) => turnEnd.each(all, end),
    onClosed: () => undefined,
    ...own,
  };
}
