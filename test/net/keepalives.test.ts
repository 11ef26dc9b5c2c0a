// Signs of life (src/net/keepalives.ts, PROTOCOL.md §8.4): when they go out, and who is closed for its silence. The
// clock is the test's. The last tests are on real sockets.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Connection } from '../../src/net/connection.js';
import { Keepalives, type KeptConnection } from '../../src/net/keepalives.js';
import { defaultFormat } from '../../src/wire/format.js';
import { inWords } from '../../src/wire/words.js';
import type { LineSession } from '../../src/net/line-session.js';
import { parseLines } from '../support/client.js';
import { TestClock } from '../support/clock.js';
import { testConnectionOptions } from '../support/connection-options.js';

const surroundings = {
  each: <One>(all: Iterable<One>, act: (one: One) => void): undefined => {
    for (const each of all) act(each);
  },
  together: async <One>(all: Iterable<One>, act: (one: One) => void): Promise<void> => {
    for (const each of all) act(each);
  },
};

/** A connection that notes when it was told what. */
class Kept implements KeptConnection {
  isListening = true;
  hasLines = false;
  alive: number[] = [];
  silent: number | undefined;

  sayAlive(): void {
    this.alive.push(performance.now());
  }

  onSilent(): void {
    this.silent = performance.now();
  }
}

t.test('a sign of life goes out when no line did for so long, and none sooner', async (t) => {
  const clock = new TestClock(t);
  const event = fc.record({
    pause: fc.constantFrom(100, 900, 3000, 9900, 10_000, 11_000, 25_000),
    writes: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 12 }), fc.constantFrom(10_000, 60_000), async (events, pause) => {
      const keepalives = new Keepalives(surroundings);
      const kept = new Kept();
      const keepalive = keepalives.start(kept, pause);
      let last = performance.now();
      for (const { pause: passes, writes } of events) {
        for (let passed = 0; passed < passes; passed += 100) {
          await clock.pass(100);
          keepalive.heard();
          const said = kept.alive.splice(0);
          if (said.length > 0) {
            const [at = 0] = said;
            assert.equal(said.length, 1);
            assert.ok(at - last >= pause && at - last <= pause + 600, `${at - last} ms after the last line`);
            last = at;
            keepalive.wrote();
          }
          assert.ok(performance.now() - last <= pause + 600);
        }
        if (writes) {
          keepalive.wrote();
          last = performance.now();
        }
      }
      keepalives.stop(keepalive);
      await clock.pass(2 * pause);
      assert.deepEqual(kept.alive, []);
    }),
    { numRuns: 20 },
  );
});

/** Starts to look after a connection with a pause of ten seconds, so 25 seconds of silence are too long. */
function kept(): { readonly kept: Kept; readonly start: number } & ReturnType<typeof begin> {
  const connection = new Kept();
  return { kept: connection, start: performance.now(), ...begin(connection) };
}

function begin(connection: Kept): { keepalives: Keepalives; keepalive: ReturnType<Keepalives['start']> } {
  const keepalives = new Keepalives(surroundings);
  return { keepalives, keepalive: keepalives.start(connection, 10_000) };
}

t.test('a client is silent for too long after two and a half times the pause', async (t) => {
  const clock = new TestClock(t);
  const { kept: connection, keepalive, start } = kept();
  await clock.pass(20_000);
  keepalive.heard();
  await clock.pass(24_900);
  t.equal(connection.silent, undefined);
  await clock.pass(1300);
  const after = (connection.silent ?? 0) - start - 20_000;
  t.ok(after >= 25_000 && after <= 26_100, `${after} ms`);
});

t.test('a client is not silent while the server does not read it, nor at once when it does again', async (t) => {
  const clock = new TestClock(t);
  const { kept: connection, keepalive } = kept();
  connection.isListening = false;
  await clock.pass(300_000);
  t.equal(connection.silent, undefined);
  connection.isListening = true;
  keepalive.heard();
  await clock.pass(24_900);
  t.equal(connection.silent, undefined);
  await clock.pass(1300);
  t.ok(connection.silent);
});

t.test('no sign of life is added to lines that wait, and one comes when they are gone', async (t) => {
  const clock = new TestClock(t);
  const { kept: connection, keepalive } = kept();
  connection.hasLines = true;
  connection.isListening = false;
  await clock.pass(100_000);
  t.same(connection.alive, []);
  connection.hasLines = false;
  keepalive.wrote();
  const gone = performance.now();
  await clock.pass(10_600);
  const after = (connection.alive[0] ?? 0) - gone;
  t.ok(after >= 10_000 && after <= 10_600, `${after} ms`);
});

t.test('a client that was heard just before its time is over is not closed', async (t) => {
  const clock = new TestClock(t);
  const { kept: connection, keepalive, keepalives } = kept();
  await clock.pass(25_100);
  keepalive.heard();
  await clock.pass(24_900);
  t.equal(connection.silent, undefined);
  keepalives.stop(keepalive);
  await clock.pass(60_000);
  t.equal(connection.silent, undefined);
});

t.test('while the process did not run nobody was silent', async (t) => {
  const clock = new TestClock(t);
  const { kept: connection, keepalive } = kept();
  // Two seconds before its time would be over.
  await clock.pass(23_000);
  clock.leap(600_000);
  await clock.pass(1000);
  t.equal(connection.silent, undefined);
  keepalive.heard();
  await clock.pass(24_000);
  t.equal(connection.silent, undefined);
  await clock.pass(2200);
  t.ok(connection.silent);
});

class Session implements LineSession {
  ready = true;
  idle = true;
  quitting = false;
  authenticated = true;
  readonly format = defaultFormat;
  readonly payerClass = 'user';
  readonly payerAddress = '192.0.2.1';
  readonly payerUser = 'alice';
  endReason = '';

  receive(): void {}
  end(reason: string): void {
    this.endReason = reason;
  }
  closed(): void {}
}

interface Pair {
  readonly client: Socket;
  readonly connection: Connection;
  readonly session: Session;
  /** What the client has received. */
  readonly text: () => string;
  readonly reasons: readonly string[];
}

/** A connection over TCP, with a keepalive of ten seconds. */
async function pair(t: Test): Promise<Pair> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const session = new Session();
  const reasons: string[] = [];
  const options = testConnectionOptions({ onClosed: (reason) => void reasons.push(inWords(reason, 'en')) });
  const connection = new Connection(socket, socket, options, () => session);
  connection.keepAlive(10);
  let text = '';
  client.on('data', (bytes) => {
    text += bytes.toString();
  });
  t.teardown(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  return { client, connection, session, text: () => text, reasons };
}

/** Waits until that is true of what the network brings, which takes some turns and no time of the test's clock. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn();
}

t.test(
  'a client gets a 191 after ten seconds without a line, and is closed with a 199 when it is silent',
  async (t) => {
    const clock = new TestClock(t);
    const { connection, session, text, reasons, client } = await pair(t);
    await clock.pass(9900);
    connection.outbox.event('100\t{}\n');
    await turn();
    await clock.pass(9900);
    await until(() => text() !== '');
    t.equal(text(), '100\t{}\n');
    await clock.pass(700);
    await until(() => text().includes('191'));
    const [, alive] = text().trimEnd().split('\n');
    t.match(parseLines(`${alive}\n`), [{ code: 191, body: { time: /^\d{4}-.*Z$/ } }]);
    client.write('\n');
    await until(() => connection.raw.bytesRead === 1);
    await clock.pass(24_900);
    t.same(reasons, []);
    await clock.pass(1200);
    t.same(reasons, ['nothing came from you for too long']);
    await until(() => client.readableEnded);
    t.match(parseLines(`${text().trimEnd().split('\n').at(-1)}\n`), [{ code: 199, body: { retry_after: 1000 } }]);
    t.equal(session.endReason, 'timeout');
    await clock.pass(60_000);
    t.equal(clock.running.filter((pause) => pause === 500).length, 0, 'the timer has ended with the last of them');
  },
);

t.test('a client that waits for an answer is not silent, and has its whole time afterwards', async (t) => {
  const clock = new TestClock(t);
  const { connection, session, reasons, client } = await pair(t);
  client.write('join_chatroom\n');
  session.idle = false;
  await until(() => connection.raw.bytesRead > 0);
  await clock.pass(120_000);
  t.same(reasons, []);
  session.idle = true;
  connection.proceed();
  await clock.pass(24_900);
  t.same(reasons, []);
  await clock.pass(1200);
  t.same(reasons, ['nothing came from you for too long']);
});

t.test('a client that is not read because it waits for the session is not silent', async (t) => {
  const clock = new TestClock(t);
  const { connection, session, reasons, client } = await pair(t);
  session.ready = false;
  client.write('one\ntwo\n');
  await until(() => connection.raw.isPaused());
  await clock.pass(120_000);
  t.same(reasons, []);
  session.ready = true;
  connection.proceed();
  t.notOk(connection.raw.isPaused());
  await clock.pass(24_900);
  t.same(reasons, []);
});

t.test('0 ends it, and another number begins anew', async (t) => {
  const clock = new TestClock(t);
  const { connection, reasons } = await pair(t);
  await clock.pass(9000);
  connection.keepAlive(20);
  const before = connection.raw.bytesWritten;
  await clock.pass(19_900);
  t.equal(connection.raw.bytesWritten, before);
  await clock.pass(700);
  t.ok(connection.raw.bytesWritten > before);
  connection.keepAlive(0);
  const after = connection.raw.bytesWritten;
  await clock.pass(300_000);
  t.equal(connection.raw.bytesWritten, after);
  t.same(reasons, []);
});
