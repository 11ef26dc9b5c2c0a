// The load generator counts exactly: what was sent has reached everybody once, or it says so and fails. In the single
// mode it sends one message a write, and sleeps when there is nothing to do.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { Asker } from '../../bench/asker.js';
import { compile, gather, modes, optionsOf, program, runLoad, type Load } from '../../bench/generator.js';
import type { Running } from '../../bench/process.js';
import { makeData, password } from '../../bench/salond-data.js';
import { relay, salond, textOf, type Server } from '../../bench/servers.js';
import { noPrograms } from '../support/programs.js';

const skip = noPrograms('cc');
const times = { seconds: 0.5, warmup: 0.05, drain: 20 } as const;
const load: Load = { rooms: 3, members: 5, speakers: 2, window: 8, mode: 'single' };

if (skip === false) compile();
// They mostly wait.
t.jobs = 3;

async function startedFor(t: Test, server: Server): Promise<Running> {
  const running = await server.start();
  t.teardown(() => running.stop());
  return running;
}

/** A socket of the relay below, and how it has to be treated. */
interface Member {
  readonly socket: Socket;
  /** Its place in the room, in the order of coming. */
  readonly place: number;
}

/** A relay in this process whose deliveries are made by `deliver`, a line at a time. */
async function relayBy(t: Test, deliver: (member: Member, line: string, room: string) => void): Promise<Running> {
  const rooms = new Map<string, Member[]>();
  const server = createServer({ noDelay: true }, (socket) => {
    let entered: string | undefined;
    let rest = '';
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const lines = (rest + bytes.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (entered === undefined) {
          entered = line;
          const room = rooms.get(line) ?? [];
          rooms.set(line, room);
          room.push({ socket, place: room.length });
          socket.write('in\n');
          continue;
        }
        for (const member of rooms.get(entered) ?? []) if (member.socket !== socket) deliver(member, line, entered);
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => server.close());
  return { pid: process.pid, port: (server.address() as AddressInfo).port, readyAfter: 0, stop: async () => undefined };
}

/** A relay that delivers every hundredth line so many times. */
function faultyRelay(t: Test, times: number): Promise<Running> {
  let deliveries = 0;
  return relayBy(t, ({ socket }, line) => {
    deliveries += 1;
    socket.write(`${line}\n`.repeat(deliveries % 100 === 0 ? times : 1));
  });
}

for (const mode of modes) {
  t.test(`over the bare relay everybody gets exactly what was sent, ${mode}`, { skip }, async (t) => {
    const running = await startedFor(t, relay);
    const { sent, received, deliveries, messages, p50, p99 } = await runLoad(relay, running, { ...load, mode }, times);
    t.ok(sent > load.rooms * load.window, `${sent} sent`);
    t.equal(received, sent * (load.members - 1));
    t.ok(deliveries > messages && messages > 0);
    t.ok(p50 > 0 && p99 >= p50);
  });

  t.test(`at a rate, what is sent is what was asked for, one rate after the other, ${mode}`, { skip }, async (t) => {
    const running = await startedFor(t, relay);
    const gathering = await gather(relay, running, { ...load, mode }, times);
    let before = 0;
    for (const rate of [500, 4000]) {
      const begun = performance.now();
      const { sent, received } = await gathering.flow(rate);
      const most = (rate * (performance.now() - begun)) / 1000;
      const least = rate * (times.warmup + times.seconds) - 1;
      const flowed = sent - before;
      // Where the processor is busy the flow lasts longer, and goes on at its rate.
      t.ok(flowed >= least && flowed <= most, `${flowed} sent, at least ${least} and at most ${most}`);
      t.equal(received, sent * (load.members - 1));
      before = sent;
    }
    await gathering.leave();
  });

  t.test(
    `never more are in flight in a room than its window, however late one member is, ${mode}`,
    { skip },
    async (t) => {
      // The last member gets its lines after the others, several at once: until then they are in flight.
      const late = new Map<string, string[]>();
      const most = new Map<string, number>();
      const running = await relayBy(t, ({ socket, place }, line, room) => {
        if (place < load.members - 1) {
          socket.write(`${line}\n`);
          return;
        }
        const waiting = late.get(room) ?? [];
        late.set(room, waiting);
        if (waiting.push(line) === 1) {
          setTimeout(() => {
            socket.write(waiting.map((each) => `${each}\n`).join(''));
            waiting.length = 0;
          }, 5);
        }
        most.set(room, Math.max(most.get(room) ?? 0, waiting.length));
      });
      const { sent, received } = await runLoad(relay, running, { ...load, mode }, times);
      t.equal(received, sent * (load.members - 1));
      t.ok(sent > 3 * load.rooms * load.window, `${sent} sent`);
      // A late member that sends itself lacks only what the others have sent.
      t.equal(most.size, load.rooms);
      for (const [room, count] of most) t.ok(count > 1 && count <= load.window, `${count} in flight in ${room}`);
    },
  );
}

t.test('over the daemon too, and its rooms hold as many messages as were sent', { skip }, async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'salond-bench-'));
  t.teardown(() => rmSync(data, { recursive: true }));
  await makeData(data, load.members);
  const server = salond({ data });
  const running = await startedFor(t, server);
  const { sent, received } = await runLoad(server, running, { ...load, rooms: 1 }, times);
  t.ok(sent > 0);
  t.equal(received, sent * (load.members - 1));

  const asker = await Asker.to(running.port);
  t.teardown(() => asker.close());
  const own = { username: 'load-0' } as const;
  await asker.ask({ command: 'authenticate_user', ...own, password });
  const room = /"name":"([^"]+)"/.exec(await asker.ask({ command: 'list_chatrooms', ...own }))?.[1];
  t.match(await asker.ask({ command: 'join_chatroom', ...own, room }), `"last":${sent},`);
});

t.test('in the single mode each message has a write of its own', { skip: skip || noPrograms('strace') }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'salond-bench-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const running = await startedFor(t, relay);
  const log = join(folder, 'calls');
  const options = optionsOf(relay, running, load, times, load.window);
  const traced = ['-qq', '-e', 'trace=write,writev,sendto,sendmsg', '-o', log, program, ...options];
  const { stdout } = await promisify(execFile)('strace', traced);
  const { sent } = JSON.parse(stdout.split('\n')[1] ?? '') as { readonly sent: number };
  const line = `${textOf(100)}\n`;
  // The text is cut in the log; its length is not. A socket that has no room takes the message with a later write.
  const writes = readFileSync(log, 'utf8')
    .split('\n')
    .filter((call) => /^\w+\(\d+, "\|x/.test(call) && !call.includes(' = -1 EAGAIN'));
  t.ok(sent > 20, `${sent} sent`);
  t.equal(writes.length, sent);
  t.same(new Set(writes.map((call) => / = (.*)$/.exec(call)?.[1])), new Set([String(line.length)]));
});

t.test('in the single mode it sleeps while there is nothing to do', { skip }, async (t) => {
  // Each delivery takes a tenth of a second, and until it has come nothing may be sent.
  const running = await relayBy(t, ({ socket }, line) => void setTimeout(() => socket.write(`${line}\n`), 100));
  const few = { ...load, rooms: 1, window: 1 } as const;
  const begun = performance.now();
  const { sent, generator } = await runLoad(relay, running, few, { seconds: 0.6, warmup: 0.1, drain: 20 });
  t.ok(sent >= 2 && sent <= 1 + (performance.now() - begun) / 100, `${sent} sent`);
  t.ok(generator < 0.02, `it took ${generator} of a processor`);
});

t.test('a delivery that is lost fails the measurement', { skip }, async (t) => {
  await t.rejects(runLoad(relay, await faultyRelay(t, 0), load, { ...times, drain: 0.2 }), {
    message: /^load: somebody has not got all that was sent, 0\.2 s after the last message$/,
  });
});

t.test('a delivery that comes twice fails it as well', { skip }, async (t) => {
  await t.rejects(runLoad(relay, await faultyRelay(t, 2), load, times), {
    message: /^load: connection \d+ has got \d+ deliveries, and \d+ were sent$/,
  });
});

t.test('a server that goes away does so too', { skip }, async (t) => {
  const running = await relay.start();
  const ended = runLoad(relay, running, load, { ...times, seconds: 30 });
  setTimeout(() => void running.stop(), 600);
  await t.rejects(ended, { message: /^load: / });
});
