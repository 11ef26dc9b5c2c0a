// The load generator counts exactly: what was sent has reached everybody once, or it says so and fails.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Asker } from '../../bench/asker.js';
import { compile, gather, put } from '../../bench/generator.js';
import type { Running } from '../../bench/process.js';
import { makeData, password } from '../../bench/salond-data.js';
import { relay, salond, type Server } from '../../bench/servers.js';
import { noPrograms } from '../support/programs.js';

const skip = noPrograms('cc');
const times = { seconds: 0.2, warmup: 0.05, drain: 0.2 } as const;
const load = { rooms: 3, members: 5, speakers: 2, window: 8, beat: 0 } as const;

if (skip === false) compile();
// They mostly wait.
t.jobs = 3;

async function startedFor(t: Test, server: Server): Promise<Running> {
  const running = await server.start();
  t.teardown(() => running.stop());
  return running;
}

/** The relay, but every hundredth delivery comes so many times. */
async function faulty(t: Test, times: number): Promise<Running> {
  const rooms = new Map<string, Set<Socket>>();
  let deliveries = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    let room: Set<Socket> | undefined;
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      if (room === undefined) {
        room = rooms.get(text) ?? new Set();
        rooms.set(text, room.add(socket));
        socket.write('in\n');
        return;
      }
      for (const member of room)
        if (member !== socket)
          for (const line of text.split('\n').slice(0, -1)) {
            deliveries += 1;
            member.write(`${line}\n`.repeat(deliveries % 100 === 0 ? times : 1));
          }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => server.close());
  return { pid: process.pid, port: (server.address() as AddressInfo).port, readyAfter: 0, stop: async () => undefined };
}

t.test('over the bare relay everybody gets exactly what was sent', { skip }, async (t) => {
  const running = await startedFor(t, relay);
  const { sent, received, deliveries, messages, p50, p99 } = await put(relay, running, load, times);
  t.ok(sent > 100);
  t.equal(received, sent * (load.members - 1));
  t.ok(deliveries > messages && messages > 0);
  t.ok(p50 > 0 && p99 >= p50);
});

t.test('over the daemon too, and its rooms hold as many messages as were sent', { skip }, async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'salond-bench-'));
  t.teardown(() => rmSync(data, { recursive: true }));
  await makeData(data, load.members);
  const server = salond({ data });
  const running = await startedFor(t, server);
  const { sent, received } = await put(server, running, { ...load, rooms: 1 }, times);
  t.ok(sent > 0);
  t.equal(received, sent * (load.members - 1));

  const asker = await Asker.to(running.port);
  t.teardown(() => asker.close());
  const own = { username: 'load-0' } as const;
  await asker.ask({ command: 'authenticate_user', ...own, password });
  const room = /"name":"([^"]+)"/.exec(await asker.ask({ command: 'list_chatrooms', ...own }))?.[1];
  t.match(await asker.ask({ command: 'join_chatroom', ...own, room }), `"last":${sent},`);
});

t.test('at a rate, what is sent is what was asked for, one rate after the other', { skip }, async (t) => {
  const running = await startedFor(t, relay);
  const gathering = await gather(relay, running, load, times);
  const slow = await gathering.flow(500);
  const fast = await gathering.flow(4000);
  await gathering.leave();
  t.ok(slow.sent > 100 && slow.sent < 300, `${slow.sent} sent in a quarter of a second`);
  t.ok(fast.sent - slow.sent > 800, `${fast.sent - slow.sent} sent in another quarter`);
  t.equal(fast.received, fast.sent * (load.members - 1));
});

t.test('a delivery that is lost fails the measurement', { skip }, async (t) => {
  await t.rejects(put(relay, await faulty(t, 0), load, times), {
    message: /^load: somebody has not got all that was sent, 0\.2 s after the last message$/,
  });
});

t.test('a delivery that comes twice fails it as well', { skip }, async (t) => {
  await t.rejects(put(relay, await faulty(t, 2), load, times), {
    message: /^load: connection \d+ has got \d+ deliveries, and \d+ were sent$/,
  });
});

t.test('a server that goes away does so too', { skip }, async (t) => {
  const running = await relay.start();
  const ended = put(relay, running, load, { ...times, seconds: 30 });
  setTimeout(() => void running.stop(), 600);
  await t.rejects(ended, { message: /^load: / });
});
