// Tests how the connection of a client that does not read ends, on a socket in memory: a client that lost something is
// told so, whatever ended the connection.
import { defaultFormat } from '../../src/wire/format.js';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Connection } from '../../src/net/connection.js';
import { createConnectionDeadlines } from '../../src/net/connection-deadlines.js';
import { GuestReading } from '../../src/net/guest-reading.js';
import type { LineSession } from '../../src/net/line-session.js';
import { MemoryBudget } from '../../src/net/memory-budget.js';
import { StallDetector } from '../../src/net/stall-detector.js';
import type { SecondWork } from '../../src/loop/turn-end.js';
import { TurnScheduler } from '../../src/net/turn-scheduler.js';
import { verbatim } from '../../src/wire/words.js';
import { TestClock } from '../support/clock.js';
import { testConnectionOptions } from '../support/connection-options.js';

/** A socket that takes no write. */
class DeafSocket extends EventEmitter {
  writableLength = 0;
  readableLength = 0;
  text = '';
  ended = false;
  destroyed = false;
  closed = false;
  flowing = false;

  write(data: Buffer | string): boolean {
    this.text += data.toString();
    this.writableLength += data.length;
    return false;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
    this.closed = true;
    this.emit('close');
  }

  pause(): void {
    this.flowing = false;
  }

  resume(): void {
    this.flowing = true;
  }

  isPaused(): boolean {
    return !this.flowing;
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
}

class FakeSession implements LineSession {
  readonly format = defaultFormat;
  ready = true;
  idle = true;
  quitting = false;
  authenticated = true;
  readonly payerClass = 'user';
  readonly payerAddress = '192.0.2.1';
  readonly payerUser = 'alice';
  received = 0;
  onReceived: () => void = () => undefined;

  receive(): void {
    this.received += 1;
    this.onReceived();
  }

  end(): void {}
  closed(): void {}
}

function begin(
  stallMilliseconds = 60_000,
  login = 60_000,
  turns = new TurnScheduler<Connection>(),
  memory = new MemoryBudget(() => Infinity),
): { readonly socket: DeafSocket; readonly session: FakeSession; readonly connection: Connection } {
  const socket = new DeafSocket();
  const session = new FakeSession();
  const raw = socket as unknown as Socket;
  const connection = new Connection(
    raw,
    raw,
    testConnectionOptions({
      maxLineBytes: 1024,
      maxOutboxBytes: 1000,
      stallMilliseconds,
      stalls: new StallDetector(stallMilliseconds),
      deadlines: createConnectionDeadlines({ login, guestLine: 60_000, userLine: 60_000 }),
      turns,
      memory,
      guestReading: new GuestReading(memory),
    }),
    () => session,
  );
  return { socket, session, connection };
}

for (const [what, finish] of [
  [
    'it quits',
    ({ session, connection }: ReturnType<typeof begin>) => {
      session.quitting = true;
      connection.proceed();
    },
  ],
  [
    'its FIN comes',
    ({ socket }: ReturnType<typeof begin>) => {
      socket.emit('end');
    },
  ],
  [
    'the server stops',
    ({ connection }: ReturnType<typeof begin>) => connection.finish(verbatim('the server is stopping'), 2000),
  ],
] as const) {
  t.test(`a client that lost events is told that it read too slowly, though ${what} in the same turn`, async (t) => {
    const all = begin();
    const {
      socket,
      connection: { outbox },
    } = all;
    outbox.event(Buffer.from('100\t{"id":1}\n'));
    await turn();
    outbox.event(Buffer.from(`100\t{"id":2,"message":"${'x'.repeat(2000)}"}\n`));
    outbox.reply('1\t{"command":"ping"}\n');
    finish(all);
    await turn();
    t.equal(socket.text, '100\t{"id":1}\n199\t{"reason":"you read too slowly","retry_after":1000}\n');
    t.ok(socket.ended);
    t.ok(socket.flowing, 'what it still sends is read and dropped, so that no reset takes the last lines');
    socket.destroy();
  });
}

t.test('a client that takes nothing is told so, and is cut off if it does not take that either', async (t) => {
  const { socket, connection } = begin();
  connection.outbox.reply('1\t{}\n');
  await turn();
  connection.outbox.reply('1\t{"late":true}\n');
  connection.onStalled();
  t.equal(socket.text, '1\t{}\n199\t{"reason":"you read nothing for too long","retry_after":1000}\n');
  t.notOk(socket.destroyed);
  connection.onStalled();
  t.ok(socket.destroyed);
});

t.test(
  'one that is put out is told that, though it lost events in the same turn, or loses some while its posts are waited for',
  async (t) => {
    for (const idle of [true, false]) {
      const { socket, session, connection } = begin();
      connection.outbox.event(Buffer.from('100\t{"id":1}\n'));
      await turn();
      session.idle = idle;
      if (!idle) connection.evict({ reason: verbatim('enough'), because: 'banned' });
      connection.outbox.event(Buffer.from(`100\t{"id":2,"message":"${'x'.repeat(2000)}"}\n`));
      if (idle) connection.evict({ reason: verbatim('enough'), because: 'banned' });
      await turn();
      t.equal(socket.text, '100\t{"id":1}\n199\t{"reason":"enough"}\n');
      t.ok(socket.ended);
      socket.destroy();
    }
  },
);

t.test(
  'a guest has as long to read its last lines as it had to log in, however it reads; a user has as long as it reads',
  async (t) => {
    const clock = new TestClock(t);
    for (const authenticated of [false, true]) {
      const { socket, session, connection } = begin(60_000, 100);
      session.authenticated = authenticated;
      connection.outbox.reply('1\t{}\n');
      await turn();
      connection.finish(verbatim('you did not authenticate in time'), 1000, 'timeout');
      await clock.pass(99);
      t.notOk(socket.destroyed);
      await clock.pass(200);
      t.equal(socket.destroyed, !authenticated);
      socket.destroy();
    }
  },
);

t.test('what a paused socket has read is counted as the input is', async (t) => {
  const memory = new MemoryBudget(() => Infinity);
  const { socket, session, connection } = begin(60_000, 60_000, undefined, memory);
  session.ready = false;
  socket.emit('data', Buffer.from('a line\n'));
  t.notOk(socket.flowing);
  t.equal(memory.bytes, 7);
  socket.readableLength = 65_536;
  connection.proceed();
  t.equal(memory.bytes, 7 + 65_536);
  socket.destroy();
  t.equal(memory.bytes, 0);
});

t.test(
  'a connection that closes keeps no input, and what its client has to read is no reason to put others out',
  async (t) => {
    const memory = new MemoryBudget(() => 100_000);
    const { socket, session, connection } = begin(60_000, 60_000, undefined, memory);
    session.ready = false;
    socket.emit('data', Buffer.from('x\n'.repeat(40_000)));
    connection.outbox.reply(`1\t${'x'.repeat(10_000)}\n`);
    await turn();
    t.equal(memory.bytes, 90_003);
    connection.finish(verbatim('enough'), undefined);
    connection.finishNow();
    t.equal(memory.bytes, socket.writableLength);
    let isPutOut = false;
    const other = memory.open({ onMemoryShortage: () => (isPutOut = true), destroy: () => undefined }, 'user');
    other.add(99_000);
    await turn();
    t.notOk(isPutOut);
    socket.destroy();
  },
);

t.test('nothing starts a timer for a connection that is closed', async (t) => {
  const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  const { socket, session, connection } = begin();
  session.idle = false;
  socket.emit('end');
  socket.destroy();
  session.authenticated = false;
  const before = timers();
  t.notOk(connection.evict({ reason: verbatim('enough'), because: 'kicked' }));
  session.idle = true;
  connection.proceed();
  connection.finish(verbatim('the server is stopping'), 2000);
  t.ok(connection.closing);
  t.notOk(socket.ended, 'nothing is sent any more');
  t.equal(timers(), before);
});

/** A connection whose requests take a millisecond each, on a clock that only they move. */
function beginSlow(memory?: MemoryBudget): ReturnType<typeof begin> & { readonly endTurn: () => boolean } {
  let time = 0;
  let deferred: SecondWork[] = [];
  const turns = new TurnScheduler<Connection>({ now: () => time, defer: (run) => void deferred.push(run) });
  const all = begin(60_000, 60_000, turns, memory);
  all.session.onReceived = () => {
    time += 1;
  };
  const endTurn = (): boolean => {
    const runs = deferred;
    deferred = [];
    for (const run of runs) run(1, false);
    return deferred.length > 0;
  };
  return { ...all, endTurn };
}

const ahead = Buffer.from('{"command":"ping"}\n'.repeat(1000));

t.test('requests that are sent ahead wait for their turns, and the socket is not read meanwhile', async (t) => {
  const { socket, session, endTurn } = beginSlow();
  socket.emit('data', ahead);
  t.equal(session.received, 1, 'one request is carried out at once');
  t.notOk(socket.flowing);
  t.ok(endTurn());
  t.equal(session.received, 5, 'a turn takes five milliseconds');
  let turns = 1;
  while (endTurn()) turns += 1;
  t.equal(session.received, 1000);
  t.equal(turns, 200);
  t.ok(socket.flowing);
  socket.emit('data', Buffer.from('{"command":"ping"}\n'));
  t.equal(session.received, 1001, 'and then the next one is carried out at once');
  socket.destroy();
});

t.test('a guest that has sent ahead is read again at its turn, while other guests keep much that waits', async (t) => {
  const memory = new MemoryBudget(() => 80_000);
  const others = memory.open({ onMemoryShortage: () => undefined, destroy: () => undefined }, 'guest');
  const { socket, session, endTurn } = beginSlow(memory);
  session.authenticated = false;
  for (const [bytes, isReadAtOnce] of [
    [10_000, true],
    [10_001, false],
  ] as const) {
    others.add(bytes);
    socket.emit('data', ahead);
    while (endTurn());
    t.equal(socket.flowing, isReadAtOnce);
    await turn();
    t.ok(socket.flowing);
    others.add(-bytes);
  }
  socket.destroy();
});

t.test('a connection that closes reads a piece a turn of what its client goes on sending, and drops it', async (t) => {
  const { socket, session, connection } = begin();
  connection.finish(verbatim('enough'), undefined);
  t.ok(socket.flowing);
  socket.emit('data', ahead);
  t.notOk(socket.flowing);
  await turn();
  t.ok(socket.flowing);
  t.equal(session.received, 0);
  socket.destroy();
});

for (const [what, end, last] of [
  ['is put out', ({ connection }) => connection.evict({ reason: verbatim('enough'), because: 'kicked' }), 'enough'],
  [
    'has to go, as the server stops',
    ({ connection }) => connection.finish(verbatim('stopping'), undefined),
    'stopping',
  ],
  ['takes nothing', ({ connection }) => connection.onStalled(), 'you read nothing for too long'],
  ['is gone', ({ socket }) => socket.destroy(), undefined],
] as const satisfies readonly (readonly [string, (all: ReturnType<typeof begin>) => void, string | undefined])[]) {
  t.test(`a connection that waits for its turn and ${what} ends at once, and has no turn any more`, async (t) => {
    const { endTurn, ...all } = beginSlow();
    all.socket.emit('data', ahead);
    end(all);
    t.match(all.socket.text, last ?? /^$/);
    t.equal(all.socket.ended, last !== undefined);
    t.notOk(endTurn());
    t.equal(all.session.received, 1);
    all.socket.destroy();
  });
}

t.test('a connection that is put out by its own request ends at once too', async (t) => {
  const { socket, session, connection, endTurn } = beginSlow();
  const count = session.onReceived;
  session.onReceived = () => {
    count();
    if (session.received === 3) connection.evict({ reason: verbatim('enough'), because: 'kicked' });
  };
  socket.emit('data', ahead);
  t.notOk(endTurn());
  t.equal(session.received, 3);
  t.ok(socket.ended);
  socket.destroy();
});

t.test('replies to a guest that gather are written before more of its requests are carried out', async (t) => {
  for (const [authenticated, most] of [
    [false, 17],
    [true, 257],
  ] as const) {
    const { socket, session, connection, endTurn } = beginSlow();
    session.authenticated = authenticated;
    session.onReceived = () => connection.outbox.reply('x'.repeat(1024));
    socket.emit('data', ahead);
    t.ok(endTurn(), 'another turn is awaited');
    t.equal(session.received, most);
    socket.destroy();
  }
});
