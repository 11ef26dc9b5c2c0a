// Tests which connections get a place at the HTTP listener, and which give way.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import t from 'tap';
import { MonitoringPlaces } from '../../src/daemon/monitoring-places.js';
import { inWords } from '../../src/wire/words.js';

/** A socket that is only ever closed. */
class FakeSocket extends EventEmitter {
  destroyed = false;

  constructor(readonly remoteAddress: string) {
    super();
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function begin(max: number, milliseconds = 60_000) {
  const refused: string[] = [];
  const places = new MonitoringPlaces({
    max,
    milliseconds,
    onRefused: (reason) => void refused.push(inWords(reason, 'en')),
  });
  const take = (address: string): { readonly fake: FakeSocket; readonly asks: () => void } => {
    const fake = new FakeSocket(address);
    const socket = fake as unknown as Socket;
    places.take(socket);
    return { fake, asks: () => places.asked(socket) };
  };
  return { refused, take };
}

t.test('the oldest silent connection of the address that has the most gives way', async (t) => {
  const { refused, take } = begin(4);
  const [single, asking, oldest, newer] = [take('192.0.2.1'), take('192.0.2.9'), take('192.0.2.9'), take('192.0.2.9')];
  asking.asks();
  const next = take('192.0.2.2');
  t.same(
    [single, asking, oldest, newer, next].map(({ fake }) => fake.destroyed),
    [false, false, true, false, false],
  );
  t.same(refused, ['metrics: gave way before it asked']);
});

t.test('where all have asked, a new connection is closed, until one of them ends', async (t) => {
  const { refused, take } = begin(2);
  const asking = [take('192.0.2.1'), take('192.0.2.1')];
  for (const { asks } of asking) asks();
  t.ok(take('192.0.2.2').fake.destroyed);
  t.same(refused, ['metrics: too many connections']);
  asking[0]?.fake.destroy();
  t.notOk(take('192.0.2.2').fake.destroyed);
});

t.test('a request has its time to arrive, and its answer has its own', async (t) => {
  const { refused, take } = begin(2, 20);
  const [silent, asking] = [take('192.0.2.1'), take('192.0.2.1')];
  asking.asks();
  await new Promise((resolve) => {
    setTimeout(resolve, 60);
  });
  t.ok(silent.fake.destroyed);
  t.ok(asking.fake.destroyed, 'its answer was not read');
  t.same(refused, ['metrics: not in time', 'metrics: not in time']);
});
