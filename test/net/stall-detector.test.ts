// Tests which readers are given up, from what the queues show. The test supplies the kernel's queues.
import type { Socket } from 'node:net';
import t from 'tap';
import type { KernelQueue } from '../../src/net/kernel-queues.js';
import { StallDetector, type WatchedConnection } from '../../src/net/stall-detector.js';
import { TestClock } from '../support/clock.js';

class Fake implements WatchedConnection {
  readonly handle = { writeQueueSize: 0 };
  readonly raw = { _handle: this.handle } as unknown as Socket;
  kernel: KernelQueue | undefined = { sent: 1000, unread: undefined };
  /** Changes the queues before each check. */
  beforeCheck: (() => void) | undefined;
  stalled = 0;
  delivered = 0;

  onStalled(): void {
    this.stalled += 1;
  }

  onDelivered(): void {
    this.delivered += 1;
  }
}

/** A detector for these items, and how often it has read the kernel's queues. */
function detectorFor(...items: readonly Fake[]): {
  readonly detector: StallDetector<Fake>;
  readonly checks: () => number;
} {
  let checks = 0;
  const read = (): Promise<ReadonlyMap<Socket, KernelQueue>> => {
    checks += 1;
    for (const { beforeCheck } of items) beforeCheck?.();
    return Promise.resolve(new Map(items.flatMap(({ raw, kernel }) => (kernel === undefined ? [] : [[raw, kernel]]))));
  };
  const detector = new StallDetector<Fake>(100, read);
  return { detector, checks: () => checks };
}

const limit = 100;

t.test('a client that takes nothing is reported once, and not before its time', async (t) => {
  const clock = new TestClock(t);
  const dead = new Fake();
  const { detector } = detectorFor(dead);
  detector.watch(dead, limit);
  await clock.pass(limit - 1);
  t.equal(dead.stalled, 0);
  await clock.pass(limit);
  t.equal(dead.stalled, 1);
  await clock.pass(3 * limit);
  t.equal(dead.stalled, 1);
});

for (const [what, take] of [
  [
    "the kernel took some of the runtime's queue",
    (item: Fake) => {
      item.handle.writeQueueSize -= 1;
    },
  ],
  [
    "the other end took some of the kernel's",
    (item: Fake) => {
      item.kernel = { sent: (item.kernel?.sent ?? 0) - 1, unread: undefined };
    },
  ],
  [
    'a program on this machine read some',
    (item: Fake) => {
      item.kernel = { sent: 1000, unread: (item.kernel?.unread ?? 5000) - 1 };
    },
  ],
] as const) {
  t.test(`a client is not reported while each check shows that ${what}`, async (t) => {
    const clock = new TestClock(t);
    const slow = new Fake();
    slow.handle.writeQueueSize = 100_000;
    const { detector, checks } = detectorFor(slow);
    slow.beforeCheck = () => take(slow);
    detector.watch(slow, limit);
    await clock.pass(4 * limit);
    t.ok(checks() > 3, `${checks()} checks`);
    t.equal(slow.stalled, 0);
    detector.unwatch(slow);
  });
}

t.test("the runtime's queue alone counts where the kernel shows nothing", async (t) => {
  const clock = new TestClock(t);
  const [slow, dead] = [new Fake(), new Fake()];
  for (const item of [slow, dead]) Object.assign(item, { kernel: undefined });
  slow.handle.writeQueueSize = 100_000;
  const { detector } = detectorFor(slow, dead);
  slow.beforeCheck = () => {
    slow.handle.writeQueueSize -= 1;
  };
  for (const item of [slow, dead]) detector.watch(item, limit);
  await clock.pass(3 * limit);
  t.equal(dead.stalled, 1);
  t.equal(slow.stalled, 0);
  detector.unwatch(slow);
});

t.test('one check serves all clients, and one that waits only for a moment costs none', async (t) => {
  const clock = new TestClock(t);
  const items = Array.from({ length: 1000 }, () => new Fake());
  const { detector, checks } = detectorFor(...items);
  for (const item of items) detector.watch(item, limit);
  for (const item of items) detector.unwatch(item);
  await clock.pass(2 * limit);
  t.equal(checks(), 0);
  for (const item of items) detector.watch(item, limit);
  await clock.pass(2 * limit);
  t.ok(items.every(({ stalled }) => stalled === 1));
  t.ok(checks() <= 4, `${checks()} looks`);
});

t.test('a client that has everything is reported at every check', async (t) => {
  const item = new Fake();
  const { detector } = detectorFor(item);
  detector.watch(item, limit);
  await detector.check();
  t.equal(item.delivered, 0);
  item.kernel = { sent: 0, unread: 17 };
  await detector.check();
  t.equal(item.delivered, 1);
  detector.unwatch(item);
});

t.test('a check that takes long delays the next one by no more than the limit', async (t) => {
  const clock = new TestClock(t);
  const dead = new Fake();
  const detector = new StallDetector<Fake>(limit, async () => {
    await clock.pass(2 * limit);
    return new Map();
  });
  detector.watch(dead, limit);
  await clock.pass(10 * limit);
  t.equal(dead.stalled, 1);
  t.equal(Math.max(...clock.pauses), limit, `pauses of ${clock.pauses.join(', ')} ms`);
});

for (const [what, take] of [
  [
    'the runtime wrote to the kernel',
    (item: Fake) => {
      item.handle.writeQueueSize -= 1;
    },
  ],
  [
    'the kernel delivered',
    (item: Fake) => {
      item.kernel = { sent: (item.kernel?.sent ?? 0) - 1, unread: undefined };
    },
  ],
] as const) {
  t.test(`the limit begins anew with any byte that ${what}`, async (t) => {
    let now = 1_000;
    t.intercept(performance, 'now', { value: () => now });
    const slow = new Fake();
    slow.handle.writeQueueSize = 100_000;
    const { detector } = detectorFor(slow);
    detector.watch(slow, limit);
    /** Checks that many milliseconds after the beginning. */
    const checkAt = async (milliseconds: number): Promise<void> => {
      now = 1_000 + milliseconds;
      await detector.check();
    };
    await checkAt(10);
    take(slow);
    await checkAt(90);
    t.equal(detector.quietMilliseconds(slow), 0);
    await checkAt(189);
    t.equal(slow.stalled, 0, 'the limit has not passed since the last byte');
    t.equal(detector.quietMilliseconds(slow), 99);
    await checkAt(190);
    t.equal(slow.stalled, 1, 'now it has');
    t.equal(detector.quietMilliseconds(slow), 0, 'it is not watched any more');
  });
}

t.test('where hundreds stall at once, a turn of the event loop gives up some of them', async (t) => {
  let now = 1_000;
  t.intercept(performance, 'now', { value: () => now });
  const items = Array.from({ length: 200 }, () => new Fake());
  const { detector } = detectorFor(...items);
  let [most, inTurn, ended] = [0, 0, false];
  for (const item of items) {
    detector.watch(item, limit);
    item.onStalled = () => {
      item.stalled += 1;
      inTurn += 1;
      most = Math.max(most, inTurn);
    };
  }
  const turn = (): void => {
    inTurn = 0;
    if (!ended) setImmediate(turn);
  };
  turn();
  await detector.check();
  now += limit;
  await detector.check();
  ended = true;
  t.ok(items.every(({ stalled }) => stalled === 1));
  t.equal(most, 16);
});
