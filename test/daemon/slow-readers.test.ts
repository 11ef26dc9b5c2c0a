// Tests clients that do not read (PROTOCOL.md §3.3, §4): they are closed with a 199 if too many events wait for them,
// or if something waits for too long. The others in the room are told the reason, and are not affected.
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Client, type Line } from '../support/client.js';
import { certificate } from '../support/certificate.js';
import { startDaemon, type Daemon } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { noSlowReader, SlowReader } from '../support/slow-reader.js';

// The tests mostly wait, so they run side by side.
t.jobs = 4;
const buffered = { buffered: true };

/** A request with a reply of 1 KB, which takes little to make and to check. */
const longPing = `ping ${'x'.repeat(1000)}`;

/** Reads lines until the user leaves. Returns the reason. */
async function leaveReason(client: Client, username: string): Promise<unknown> {
  for (;;) {
    const { code, body } = await client.next();
    if (code === 102 && body['username'] === username) return body['reason'];
  }
}

/**
 * A client with a user in the lobby that reads nothing until it hurries. Its kernel takes little for it: by itself it
 * would take 33 MB, which all the others would have to read too.
 */
function unreading(t: Test, port: number, username: string, ...rooms: readonly string[]): SlowReader {
  const reader = new SlowReader(t, port, { bytesPerSecond: 0, receiveBuffer: 65_536 });
  reader.send(
    `create_user ${username} C C password-of-carol`,
    `authenticate_user ${username} password-of-carol`,
    ...rooms.map((room) => `join_chatroom ${username} ${room}`),
  );
  return reader;
}

/** Reads lines until the user has joined. */
async function hasJoined(client: Client, username: string): Promise<void> {
  for (;;) {
    const { code, body } = await client.next();
    if (code === 101 && body['username'] === username) return;
  }
}

let started: Daemon | undefined;

/** A daemon whose clients may stand still for a second. It serves several tests, each in a room of its own. */
function impatient(): Daemon {
  if (started !== undefined) return started;
  const tls = noPrograms('openssl') === false ? { ...certificate(t), SALOND_TLS_LISTEN: '127.0.0.1:0' } : {};
  started = startDaemon(t, { env: { SALOND_STALL_SECONDS: '1', ...tls }, args: ['--listen', '[::]:0'] });
  return started;
}

/** The ids of the messages among the lines. */
function messageIds(lines: readonly Line[]): unknown[] {
  return lines.filter(({ code }) => code === 100).map(({ body }) => body['id']);
}

t.test(
  'a client that reads nothing while others post is closed at max_outbox_bytes, and the others miss nothing',
  { ...buffered, skip: noSlowReader },
  async (t) => {
    const daemon = startDaemon(t, { env: { SALOND_MAX_OUTBOX_BYTES: '65536' } });
    const port = await daemon.port();
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const bob = await (await Client.connect(port)).enter('bob', 'lobby');
    const carol = unreading(t, port, 'carol', 'garden', 'lobby');
    await hasJoined(bob, 'carol');
    const left = leaveReason(bob, 'carol');
    let reason: unknown;
    void left.then((why) => {
      reason = why;
    });
    let sent = 0;
    let refused = 0;
    // The kernel buffers some megabytes for carol in addition to the limit.
    for (; reason === undefined && sent < 40_000; sent += 200) {
      const text = 'x'.repeat(4000);
      alice.send(...Array.from({ length: 200 }, () => `chatroom_message alice lobby ${text}`));
      for (let each = 0; each < 200; each += 1) refused += (await alice.reply()).code === 1 ? 0 : 1;
    }
    t.equal(await left, 'server');
    t.equal(refused, 0);
    while (messageIds(bob.lines).length < sent) await bob.next();
    t.same(
      messageIds(bob.lines),
      Array.from({ length: sent }, (_, index) => index + 1),
    );
    t.equal(alice.lines.filter(({ code }) => code === 102).length, 1);

    // carol reads in time to get what had been written, and the 199 after it.
    carol.hurry();
    await carol.closed;
    const received = carol.messageIds;
    t.same(
      received,
      Array.from({ length: received.length }, (_, index) => index + 1),
      'the messages that carol gets have no gap',
    );
    t.ok(received.length < sent);
    t.match(carol.lines.at(-1), { code: 199, body: { reason: String, retry_after: Number } });
    for (const client of [alice, bob]) client.destroy();
  },
);

t.test('a client that reads no replies for stall_seconds is closed', { ...buffered, skip: noSlowReader }, async (t) => {
  const port = await impatient().port();
  const bob = await (await Client.connect(port)).enter('bob', 'stalled');
  const carol = unreading(t, port, 'carol', 'stalled');
  await hasJoined(bob, 'carol');
  const start = performance.now();
  // The replies are more than the kernel buffers: four megabytes, and what it takes for carol.
  carol.send(...Array.from({ length: 6000 }, () => longPing));
  t.equal(await leaveReason(bob, 'carol'), 'timeout');
  t.ok(performance.now() - start >= 1000);
  await bob.ok('ping');
  carol.hurry();
  await carol.closed;
  t.match(carol.lines.at(-1), { code: 199, body: { reason: String, retry_after: Number } });
  bob.destroy();
});

t.test(
  'a client that reads late, but within stall_seconds, is not closed',
  { ...buffered, skip: noSlowReader },
  async (t) => {
    const daemon = startDaemon(t, { env: { SALOND_STALL_SECONDS: '3' } });
    // It reads 64 KiB, all that its kernel holds for it, every one and a half seconds.
    const pieces = { bytesPerSecond: 43_690, bytesPerRead: 65_536, receiveBuffer: 65_536 };
    const client = new SlowReader(t, await daemon.port(), pieces);
    const count = 6000;
    client.send(...Array.from({ length: count }, () => longPing), 'quit');
    await pause(5000);
    t.notOk(client.ended, 'the client is still connected');
    client.hurry();
    await client.closed;
    t.equal(client.lines.length, count + 1);
    t.equal(client.lines.at(-1)?.raw, '1\t{"command":"quit"}');
  },
);

for (const [index, { what, tls = false, dual = false, ...reading }] of [
  { what: '60 KB/s', bytesPerSecond: 60_000 },
  { what: '20 KB/s', bytesPerSecond: 20_000 },
  { what: '20 KB/s by TLS', bytesPerSecond: 20_000, tls: true },
  { what: '20 KB/s by IPv4 to a dual-stack socket', bytesPerSecond: 20_000, dual: true },
  { what: '2 KB/s with a receive buffer of 4,096 bytes', bytesPerSecond: 2000, receiveBuffer: 4096 },
].entries()) {
  // In four times stall_seconds the client reads less than the kernel buffers.
  t.test(
    `a client that reads ${what} without a pause gets every reply, and catches up`,
    { ...buffered, skip: noSlowReader || (tls && noPrograms('openssl')) },
    async (t) => {
      const [speaker, bob, room] = [`alice${index}`, `bob${index}`, `room${index}`];
      const daemon = impatient();
      const port = (await daemon.ports()).at(dual ? -1 : 0) ?? 0;
      const tlsPort = Number(
        (((await daemon.logged('ready'))['tls_addresses'] as readonly string[] | undefined) ?? [])
          .at(-1)
          ?.split(':')
          .at(-1),
      );
      const alice = await (await Client.connect(port)).enter(speaker, room);
      const reader = new SlowReader(t, tls ? tlsPort : port, { ...reading, tls });
      const count = 5700;
      reader.send(
        `create_user ${bob} B B bob-password`,
        `authenticate_user ${bob} bob-password`,
        `join_chatroom ${bob} ${room}`,
      );
      while ((await alice.next()).code !== 101);
      reader.send(...Array.from({ length: count }, () => longPing));
      for (let each = 0; each < 4; each += 1) {
        await alice.ok(`chatroom_message ${speaker} ${room} hello`);
        await pause(1000);
      }
      t.notOk(reader.ended, 'the client is still connected');
      reader.hurry();
      reader.send(
        `leave_chatroom ${bob} ${room}`,
        `{"command":"join_chatroom","username":"${bob}","room":"${room}","after":0}`,
        'quit',
      );
      await reader.closed;
      t.equal(reader.lines.filter(({ body }) => body['command'] === 'ping').length, count);
      t.same(reader.messageIds, [1, 2, 3, 4, 1, 2, 3, 4]);
      t.equal(reader.lines.at(-1)?.raw, '1\t{"command":"quit"}');
      alice.destroy();
    },
  );
}

t.test(
  'an operator that reads slowly is not closed, although a Unix socket does not show that it reads',
  buffered,
  async (t) => {
    const operator = await Client.connect(await impatient().control());
    operator.socket.pause();
    const count = 2000;
    operator.send(...Array.from({ length: count }, () => 'help'), 'quit');
    await pause(2500);
    operator.socket.resume();
    await operator.closed;
    t.equal(operator.lines.length, count + 1);
    t.equal(operator.lines.at(-1)?.raw, '1\t{"command":"quit"}');
  },
);

t.test(
  'a client that does not read gets complete lines and a 199, even of a batch that is larger than a write',
  { ...buffered, skip: noSlowReader },
  async (t) => {
    // Less than a batch, and as much as the speakers may need where this process has little of the processor.
    const daemon = startDaemon(t, { env: { SALOND_MAX_OUTBOX_BYTES: '1000000' } });
    const port = await daemon.port();
    const names = Array.from({ length: 6 }, (_, index) => `speaker${index}`);
    const speakers = await Promise.all(names.map(async (name) => (await Client.connect(port)).enter(name, 'lobby')));
    const carol = unreading(t, port, 'carol', 'lobby');
    await hasJoined(speakers[0] as Client, 'carol');
    const text = 'x'.repeat(4000);
    let hasLeft = false as boolean;
    void leaveReason(speakers[0] as Client, 'carol').then(() => {
      hasLeft = true;
    });
    // These are so many that some commit has more than 512 KiB for the room.
    for (let rounds = 0; !hasLeft && rounds < 20; rounds += 1) {
      for (const [index, speaker] of speakers.entries())
        speaker.send(...Array.from({ length: 200 }, () => `chatroom_message ${names[index]} lobby ${text}`));
      await Promise.all(
        speakers.slice(1).map(async (speaker) => {
          for (let each = 0; each < 200; each += 1) await speaker.reply();
        }),
      );
    }
    t.ok(hasLeft, 'carol was closed');
    carol.hurry();
    await carol.closed;
    const received = carol.messageIds;
    t.same(
      received,
      Array.from({ length: received.length }, (_, index) => index + 1),
      'the messages that carol gets have no gap',
    );
    t.match(carol.lines.at(-1), { code: 199, body: { reason: 'you read too slowly' } });
    for (const speaker of speakers) speaker.destroy();
  },
);

t.test('a client that quits and reads late gets the replies to all requests before the quit', buffered, async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  const names = Array.from({ length: 60 }, (_, index) => '𠀀'.repeat(30) + String(10 + index));
  for (const name of names) await (await Client.connect(port)).enter(name, 'lobby');
  const client = await (await Client.connect(port)).enter('alice', 'lobby');
  const before = client.lines.length;
  client.socket.pause();
  // 20 KB of requests get 12 MB of replies, which is more than the kernel buffers.
  const count = 1200;
  client.send('list_users lobby\n'.repeat(count) + 'quit');
  // This is less than stall_seconds.
  await pause(6500);
  client.socket.resume();
  await client.closed;
  t.equal(client.lines.length - before, count + 1);
  t.equal(client.lines.at(-1)?.raw, '1\t{"command":"quit"}');
});
