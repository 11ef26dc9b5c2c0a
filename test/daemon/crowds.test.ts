// Tests the end of thousands of connections in one room at the same time, with sockets in memory. The end of one
// connection must not end the next within the same call, and members that leave together are not told of each other.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Throttle } from '../../src/accounts/throttle.js';
import { Presence } from '../../src/chat/presence.js';
import { Member } from '../../src/chat/member.js';
import type { Room } from '../../src/chat/room.js';
import { Rooms } from '../../src/chat/rooms.js';
import { Counters } from '../../src/metrics/counters.js';
import { Admission } from '../../src/net/admission.js';
import type { Arrival } from '../../src/net/arrival.js';
import { Acceptor } from '../../src/net/acceptor.js';
import { FlushScheduler } from '../../src/net/flush-scheduler.js';
import { createLog } from '../../src/ops/log.js';
import { Session } from '../../src/session/session.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { verbatim } from '../../src/wire/words.js';
import { newRoom } from '../support/room.js';
import { testConnectionOptions } from '../support/connection-options.js';

/** A socket that takes one write, and more only while `reads` is true. */
class StubSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1';
  readonly localAddress = '127.0.0.1';
  readonly readableLength = 0;
  writableLength = 0;
  written = 0;
  reads = false;

  write(data: Buffer | string, done?: () => void): boolean {
    this.written += data.length;
    if (this.reads) setImmediate(() => done?.());
    else this.writableLength += data.length;
    return this.reads;
  }

  end(): void {
    setImmediate(() => {
      this.emit('finish');
      this.destroy();
    });
  }

  destroy(): void {
    this.emit('close');
  }

  setTimeout(): void {}
  setNoDelay(): void {}
  setKeepAlive(): void {}
  pause(): void {}
  resume(): void {}
}

interface Crowd {
  readonly room: Room;
  readonly acceptor: Acceptor;
  readonly sockets: readonly StubSocket[];
  readonly arrivals: readonly Arrival[];
  /** Fulfils when all lines have gone to the sockets. */
  readonly flushed: () => Promise<unknown>;
}

function crowd(size: number): Crowd {
  const room = newRoom('lobby');
  const presence = new Presence<Session>();
  const rooms = new Rooms(new MemoryStore());
  const arrivals: Arrival[] = [];
  const flushScheduler = new FlushScheduler();
  const acceptor = new Acceptor({
    connection: testConnectionOptions({
      maxLineBytes: 1024,
      flushScheduler,
      together: (all, end) => rooms.exits.together(all, end),
    }),
    admission: new Admission({
      maxConnections: size,
      maxPerAddress: size,
      maxRefused: 100,
      maxRefusedPerAddress: 100,
      rate: { take: () => 0 },
      refusedHandshakeRate: { take: () => 0 },
      isExempt: () => true,
      banned: () => undefined,
      now: () => 0,
    }),
    handshakes: { limits: { maxHandshakes: 100, maxHandshakesPerAddress: 100 }, milliseconds: 10_000 },
    register: { arrived: (arrival) => void arrivals.push(arrival), left: () => undefined },
    greeting: '',
    log: createLog('silent'),
    onRefused: () => undefined,
    openSession: (id, { address }, { outbox }) => {
      const session = new Session(
        id,
        { address, limitKey: address, confidential: true, encrypted: false, exempt: true },
        outbox,
        { proceed: () => undefined, evict: () => false, keepAlive: () => undefined },
        {
          counters: new Counters(),
          dispatch: () => ({ results: {} }),
          presence,
          refusals: new Throttle(1000, 60_000),
          exits: rooms.exits,
        },
      );
      const user = { id, name: `user${id}`, key: `user${id}` };
      session.becomeUser(user);
      room.enter(new Member(room, user, outbox, session.identity.members));
      return session;
    },
  });
  const sockets = Array.from({ length: size }, () => new StubSocket());
  // The only members of a socket that a connection uses.
  for (const socket of sockets) acceptor.accept(socket as unknown as Socket);
  return { room, acceptor, sockets, arrivals, flushed: () => flushScheduler.flushed() };
}

/** Waits until nobody is in the room: a turn takes some of thousands out. */
async function left(room: Room): Promise<void> {
  for (let turns = 0; turns < 1000 && room.members.size > 0; turns += 1) await turn();
}

t.test('thousands of members that have stopped reading are disconnected one after the other', async (t) => {
  const { room } = crowd(3000);
  const line = Buffer.alloc(4096, 'x');
  for (let each = 0; each < 3000 && room.members.size > 0; each += 1) {
    for (const member of room.members) member.event(line);
    await turn();
  }
  await left(room);
  t.equal(room.members.size, 0);
});

t.test('when the daemon stops, the members of a room of thousands are not told of each other', async (t) => {
  const { room, acceptor, sockets, flushed } = crowd(2000);
  for (const socket of sockets) {
    socket.reads = true;
    socket.writableLength = 0;
  }
  // All have heard who came: that may wait, but not behind another event.
  room.tellNews();
  for (const member of room.members) member.event('101\t{}\n');
  await flushed();
  const before = sockets.reduce((sum, { written }) => sum + written, 0);
  await acceptor.close(verbatim('the server is stopping'), () => 2000);
  await left(room);
  await flushed();
  t.equal(room.members.size, 0);
  const bytes = sockets.reduce((sum, { written }) => sum + written, 0) - before;
  t.ok(bytes < 2000 * 1000, `${Math.round(bytes / 2000)} bytes were sent to each`);
});

t.test('when thousands are evicted at once, they are not told of each other', async (t) => {
  const { room, sockets, arrivals, flushed } = crowd(2000);
  for (const socket of sockets) {
    socket.reads = true;
    socket.writableLength = 0;
  }
  // All have heard who came: that may wait, but not behind another event.
  room.tellNews();
  for (const member of room.members) member.event('101\t{}\n');
  await flushed();
  const before = sockets.reduce((sum, { written }) => sum + written, 0);
  t.equal(
    arrivals.filter((arrival) => arrival.evict({ reason: verbatim('you are banned'), because: 'banned' })).length,
    2000,
  );
  await left(room);
  await flushed();
  t.equal(room.members.size, 0);
  const bytes = sockets.reduce((sum, { written }) => sum + written, 0) - before;
  t.ok(bytes < 2000 * 1000, `${Math.round(bytes / 2000)} bytes were sent to each`);
});
