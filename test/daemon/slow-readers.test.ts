// Clients that do not read (PROTOCOL.md §3.3, §4): they are given up when too many events wait for them, or when
// something waits for too long, with a 199 for when they read again; the others in the room are told why, and are not
// disturbed.
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { Client, type Line } from '../support/client.js';
import { certificate } from '../support/certificate.js';
import { startDaemon } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { noSlowReader, SlowReader } from '../support/slow-reader.js';

// Each waits for seconds, and does little meanwhile.
t.jobs = 4;
const buffered = { buffered: true };

/** Reads events until the user's leaving, and answers its reason; the events are in `lines`. */
async function leaving(client: Client, username: string): Promise<unknown> {
  for (;;) {
    const { code, body } = await client.next();
    if (code === 102 && body['username'] === username) return body['reason'];
  }
}

function messages(lines: readonly Line[]): unknown[] {
  return lines.filter(({ code }) => code === 100).map(({ body }) => body['id']);
}

t.test(
  'who reads nothing while others speak is given up at the limit, and the others miss nothing',
  buffered,
  async (t) => {
    const daemon = startDaemon(t, { env: { SALOND_MAX_OUTBOX_BYTES: '65536' } });
    const port = await daemon.port();
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const bob = await (await Client.connect(port)).enter('bob', 'lobby');
    const carol = await (await Client.connect(port)).enter('carol', 'lobby', 'garden');
    carol.socket.pause();
    const left = leaving(bob, 'carol');
    let reason: unknown;
    void left.then((why) => {
      reason = why;
    });
    let sent = 0;
    let refused = 0;
    // What the kernel takes for her comes on top of the limit: some megabytes.
    for (; reason === undefined && sent < 40_000; sent += 200) {
      const text = 'x'.repeat(4000);
      alice.send(...Array.from({ length: 200 }, () => `chatroom_message alice lobby ${text}`));
      for (let each = 0; each < 200; each += 1) refused += (await alice.reply()).code === 1 ? 0 : 1;
    }
    t.equal(await left, 'server');
    t.equal(refused, 0);
    while (messages(bob.lines).length < sent) await bob.next();
    t.same(
      messages(bob.lines),
      Array.from({ length: sent }, (_, index) => index + 1),
    );
    t.equal(alice.lines.filter(({ code }) => code === 102).length, 1);

    // Late, but not too late for what had been written, and the reason after it.
    carol.socket.resume();
    await carol.closed;
    const heard = messages(carol.lines);
    t.same(
      heard,
      Array.from({ length: heard.length }, (_, index) => index + 1),
      'what she reads has no gap before its end',
    );
    t.ok(heard.length < sent);
    t.match(carol.lines.at(-1), { code: 199, body: { reason: String, retry_after: Number } });
    for (const client of [alice, bob]) client.destroy();
  },
);

t.test('who reads none of its replies for stall_seconds is given up', buffered, async (t) => {
  const daemon = startDaemon(t, { env: { SALOND_STALL_SECONDS: '1' } });
  const port = await daemon.port();
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  const carol = await (await Client.connect(port)).enter('carol', 'lobby');
  carol.socket.pause();
  const start = performance.now();
  // More than the kernel takes.
  carol.send('help join_chatroom\n'.repeat(100_000).trimEnd());
  t.equal(await leaving(bob, 'carol'), 'timeout');
  t.ok(performance.now() - start >= 1000);
  await bob.ok('ping');
  carol.socket.resume();
  await carol.closed;
  t.match(carol.lines.at(-1), { code: 199, body: { reason: String, retry_after: Number } });
  bob.destroy();
});

t.test('who reads late, but reads, is not given up', buffered, async (t) => {
  const daemon = startDaemon(t, { env: { SALOND_STALL_SECONDS: '1' } });
  const client = await Client.connect(await daemon.port());
  const count = 60_000;
  client.socket.pause();
  client.send(...Array.from({ length: count }, () => 'help join_chatroom'), 'quit');
  // As little as Node.js can read: what it gets at once, 64 KiB.
  for (let each = 0; each < 5; each += 1) {
    await pause(700);
    const before = client.lines.length;
    client.socket.resume();
    while (client.lines.length === before)
      await new Promise((resolve) => {
        client.socket.once('data', resolve);
      });
    client.socket.pause();
  }
  client.socket.resume();
  await client.closed;
  t.equal(client.lines.length, count + 1);
  t.equal(client.lines.at(-1)?.raw, '1\t{"command":"quit"}');
});

for (const { what, tls = false, ...reading } of [
  { what: '60 KB/s', bytesPerSecond: 60_000 },
  { what: '20 KB/s', bytesPerSecond: 20_000 },
  { what: '20 KB/s by TLS', bytesPerSecond: 20_000, tls: true },
  { what: '20 KB/s by IPv4 to a socket that takes IPv6 too', bytesPerSecond: 20_000, listen: '[::]:0' },
  { what: '2 KB/s with a receive buffer of 4,096 bytes', bytesPerSecond: 2000, receiveBuffer: 4096 },
]) {
  // Four times stall_seconds: less is read in that time than the kernel holds.
  t.test(
    `who reads ${what} without a pause gets every reply, and catches up`,
    { ...buffered, skip: noSlowReader || (tls && noPrograms('openssl')) },
    async (t) => {
      const env = {
        SALOND_STALL_SECONDS: '1',
        ...(tls ? { ...certificate(t), SALOND_TLS_LISTEN: '127.0.0.1:0' } : {}),
      };
      const daemon = startDaemon(t, { env, ...('listen' in reading ? { args: ['--listen', reading.listen] } : {}) });
      const port = (await daemon.ports()).at(-1) ?? 0;
      const tlsPort = Number(
        (((await daemon.logged('ready'))['tls_addresses'] as readonly string[] | undefined) ?? [])
          .at(-1)
          ?.split(':')
          .at(-1),
      );
      const alice = await (await Client.connect(port)).enter('alice', 'lobby');
      const reader = new SlowReader(t, tls ? tlsPort : port, { ...reading, tls });
      const count = 8000;
      reader.send('create_user bob B B bob-password', 'authenticate_user bob bob-password', 'join_chatroom bob lobby');
      while ((await alice.next()).code !== 101);
      reader.send(...Array.from({ length: count }, () => 'help join_chatroom'));
      for (let each = 0; each < 4; each += 1) {
        await alice.ok('chatroom_message alice lobby hello');
        await pause(1000);
      }
      t.notOk(reader.ended, 'it is there still');
      reader.hurry();
      reader.send(
        'leave_chatroom bob lobby',
        '{"command":"join_chatroom","username":"bob","room":"lobby","after":0}',
        'quit',
      );
      await reader.closed;
      t.equal(reader.lines.filter(({ body }) => body['command'] === 'help').length, count);
      t.same(reader.heard, [1, 2, 3, 4, 1, 2, 3, 4]);
      t.equal(reader.lines.at(-1)?.raw, '1\t{"command":"quit"}');
      alice.destroy();
    },
  );
}

t.test('an operator may read more slowly than can be seen of a Unix socket', buffered, async (t) => {
  const daemon = startDaemon(t, { env: { SALOND_STALL_SECONDS: '1' } });
  const operator = await Client.connect(await daemon.control());
  operator.socket.pause();
  const count = 2000;
  operator.send(...Array.from({ length: count }, () => 'help'), 'quit');
  await pause(2500);
  operator.socket.resume();
  await operator.closed;
  t.equal(operator.lines.length, count + 1);
  t.equal(operator.lines.at(-1)?.raw, '1\t{"command":"quit"}');
});

t.test(
  'a batch of more than any write for one who does not read: whole lines reach it, and a 199',
  buffered,
  async (t) => {
    const daemon = startDaemon(t, { env: { SALOND_MAX_OUTBOX_BYTES: '65536' } });
    const port = await daemon.port();
    const names = Array.from({ length: 6 }, (_, index) => `speaker${index}`);
    const speakers = await Promise.all(names.map(async (name) => (await Client.connect(port)).enter(name, 'lobby')));
    const carol = await (await Client.connect(port)).enter('carol', 'lobby');
    carol.socket.pause();
    const text = 'x'.repeat(4000);
    let gone = false as boolean;
    void leaving(speakers[0] as Client, 'carol').then(() => {
      gone = true;
    });
    // So many at once that some commit brings more than 512 KiB to the room.
    for (let rounds = 0; !gone && rounds < 20; rounds += 1) {
      for (const [index, speaker] of speakers.entries())
        speaker.send(...Array.from({ length: 200 }, () => `chatroom_message ${names[index]} lobby ${text}`));
      await Promise.all(
        speakers.slice(1).map(async (speaker) => {
          for (let each = 0; each < 200; each += 1) await speaker.reply();
        }),
      );
    }
    t.ok(gone, 'she was given up');
    carol.socket.resume();
    await carol.closed;
    const heard = messages(carol.lines);
    t.same(
      heard,
      Array.from({ length: heard.length }, (_, index) => index + 1),
      'what she reads has no gap before its end',
    );
    t.match(carol.lines.at(-1), { code: 199, body: { reason: 'you read too slowly' } });
    for (const speaker of speakers) speaker.destroy();
  },
);

t.test('the replies to all that came before a quit are there for who reads them late', buffered, async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  const names = Array.from({ length: 60 }, (_, index) => '𠀀'.repeat(30) + String(10 + index));
  for (const name of names) await (await Client.connect(port)).enter(name, 'lobby');
  const client = await (await Client.connect(port)).enter('alice', 'lobby');
  const before = client.lines.length;
  client.socket.pause();
  // 12 MB of replies to 20 KB of requests: more than the kernel takes for one who does not read.
  const count = 1200;
  client.send('list_users lobby\n'.repeat(count) + 'quit');
  // Less than stall_seconds.
  await pause(6500);
  client.socket.resume();
  await client.closed;
  t.equal(client.lines.length - before, count + 1);
  t.equal(client.lines.at(-1)?.raw, '1\t{"command":"quit"}');
});
