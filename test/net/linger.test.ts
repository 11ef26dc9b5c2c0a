// Tests how a refused client that goes on sending is read, on a socket in memory.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import t from 'tap';
import { GuestReading } from '../../src/net/guest-reading.js';
import { linger } from '../../src/net/linger.js';
import { TestClock } from '../support/clock.js';

class FakeSocket extends EventEmitter {
  flowing = false;

  pause(): void {
    this.flowing = false;
  }

  resume(): void {
    this.flowing = true;
  }

  destroy(): void {
    this.emit('close');
  }

  setTimeout(): void {}
}

t.test('what a lingering client sends is read a piece a turn, also where it is encrypted', async (t) => {
  const clock = new TestClock(t);
  for (const isEncrypted of [false, true]) {
    const due: (() => void)[] = [];
    const reading = new GuestReading({ guestsHaveRoom: true }, (run) => void due.push(run));
    const socket = new FakeSocket();
    const raw = isEncrypted ? new FakeSocket() : socket;
    let isClosed = false;
    socket.once('close', () => (isClosed = true));
    linger(socket as unknown as Socket, {
      raw: raw as unknown as Socket,
      address: '192.0.2.1',
      milliseconds: 1000,
      reading,
    });
    t.ok(socket.flowing);
    for (let piece = 0; piece < 3; piece += 1) {
      socket.emit('data', Buffer.alloc(65_536));
      t.notOk(socket.flowing);
      t.equal(due.length, 1);
      due.splice(0).forEach((run) => run());
      t.ok(socket.flowing);
    }
    socket.emit('data', Buffer.alloc(65_536));
    await clock.pass(1000);
    t.ok(isClosed);
    due.splice(0).forEach((run) => run());
    t.notOk(socket.flowing, 'a closed socket is not read');
  }
});
