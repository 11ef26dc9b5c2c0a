// Tests which readers are given up, from what the queues show. The test supplies the kernel's queues.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { KernelQueue } from '../../src/net/kernel-queues.js';
import { StallWatch, type Reader } from '../../src/net/stall-watch.js';

class Fake implements Reader {
  readonly handle = { writeQueueSize: 0 };
  readonly raw = { _handle: this.handle } as unknown as Socket;
  kernel: KernelQueue | undefined = { sent: 1000, unread: undefined };
  /** What becomes of it before each look. */
  beforeLook: (() => void) | undefined;
  stalled = 0;
  delivered = 0;

  onStalled(): void {
    this.stalled += 1;
  }

  onDelivered(): void {
    this.delivered += 1;
  }
}

/** A watch over these, and how often it has read what the kernel holds. */
function watchOver(...items: readonly Fake[]): { readonly watch: StallWatch<Fake>; readonly looks: () => number } {
  let looks = 0;
  const read = (): Promise<ReadonlyMap<Socket, KernelQueue>> => {
    looks += 1;
    for (const { beforeLook } of items) beforeLook?.();
    return Promise.resolve(new Map(items.flatMap(({ raw, kernel }) => (kernel === undefined ? [] : [[raw, kernel]]))));
  };
  const watch = new StallWatch<Fake>(100, read);
  return { watch, looks: () => looks };
}

const limit = 100;

t.test('one from whom nothing is taken is given up once, not before its time', async (t) => {
  const dead = new Fake();
  const { watch } = watchOver(dead);
  const begun = performance.now();
  watch.begin(dead, limit);
  while (dead.stalled === 0) await sleep(5);
  t.ok(performance.now() - begun >= limit);
  // Real time, here and below: what is tested is a limit on it.
  await sleep(3 * limit);
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
  t.test(`one stays of whom is seen, at each look, that ${what}`, async (t) => {
    const slow = new Fake();
    slow.handle.writeQueueSize = 100_000;
    const { watch } = watchOver(slow);
    slow.beforeLook = () => take(slow);
    watch.begin(slow, limit);
    await sleep(4 * limit);
    t.equal(slow.stalled, 0);
    watch.end(slow);
  });
}

t.test("where the kernel shows nothing, the runtime's queue alone counts", async (t) => {
  const [slow, dead] = [new Fake(), new Fake()];
  for (const item of [slow, dead]) Object.assign(item, { kernel: undefined });
  slow.handle.writeQueueSize = 100_000;
  const { watch } = watchOver(slow, dead);
  slow.beforeLook = () => {
    slow.handle.writeQueueSize -= 1;
  };
  for (const item of [slow, dead]) watch.begin(item, limit);
  while (dead.stalled === 0) await sleep(5);
  t.equal(slow.stalled, 0);
  watch.end(slow);
});

t.test('one look serves all, and who waits for a moment only costs none', async (t) => {
  const items = Array.from({ length: 1000 }, () => new Fake());
  const { watch, looks } = watchOver(...items);
  for (const item of items) watch.begin(item, limit);
  for (const item of items) watch.end(item);
  await sleep(2 * limit);
  t.equal(looks(), 0);
  for (const item of items) watch.begin(item, limit);
  while (items.some(({ stalled }) => stalled === 0)) await sleep(5);
  t.ok(looks() <= 20, `${looks()} looks`);
});

t.test('one who has all is told of at every look', async (t) => {
  const item = new Fake();
  const { watch } = watchOver(item);
  watch.begin(item, limit);
  await watch.look();
  t.equal(item.delivered, 0);
  item.kernel = { sent: 0, unread: 17 };
  await watch.look();
  t.equal(item.delivered, 1);
  watch.end(item);
});

t.test('a look that takes long delays the next one by no more than the limit', async (t) => {
  const dead = new Fake();
  const watch = new StallWatch<Fake>(limit, async () => {
    await sleep(2 * limit);
    return new Map();
  });
  const begun = performance.now();
  watch.begin(dead, limit);
  while (dead.stalled === 0) await sleep(5);
  // Two looks and the pauses before them. With pauses that go by the length of a look alone it would be 4 seconds.
  t.ok(performance.now() - begun < 20 * limit, `${performance.now() - begun} ms`);
});
