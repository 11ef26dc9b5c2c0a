// Tests what the daemon tells the store of its deliveries (src/daemon/store.ts).
import { pino } from 'pino';
import t from 'tap';
import { Delivery } from '../../src/chat/delivery.js';
import type { Post } from '../../src/chat/post.js';
import { connectStore } from '../../src/daemon/store.js';
import { Counters } from '../../src/metrics/counters.js';
import type { LogListener, Written } from '../../src/store/log.js';
import type { Store } from '../../src/store/store.js';

/** What the store is told where so many lines of a batch were handed over, and so many outboxes were flushed. */
async function written(readers: number, lines: number, outboxes: number): Promise<Written | undefined> {
  let listener: LogListener<Post> | undefined;
  const listen = (given: LogListener<Post>): void => {
    listener = given;
  };
  const counters = new Counters();
  connectStore({ log: { listen } } as unknown as Store<Post>, {
    data: 'data',
    log: pino({ enabled: false }),
    counters,
    delivery: new Delivery(() => undefined, counters),
    flushed: async () => ({ outboxes, milliseconds: outboxes / 10 }),
    onBroken: () => t.fail('not broken'),
  });
  counters.lines += lines;
  return listener?.written?.(readers);
}

t.test('what others are written while a batch is shown counts neither as its time nor as its writes', async (t) => {
  t.same(await written(100, 500, 100), { milliseconds: 10, linesPerWrite: 5 });
  t.same(await written(100, 500, 2000), { milliseconds: 10, linesPerWrite: 5 }, 'with 1,900 others');
  t.same(await written(100, 40, 40), { milliseconds: 4, linesPerWrite: 1 }, 'some have nothing to be written');
  t.same(await written(0, 0, 2000), { milliseconds: 0, linesPerWrite: 0 }, 'nobody reads');
  t.same(await written(100, 0, 0), { milliseconds: 0, linesPerWrite: 0 }, 'nothing is written');
});
