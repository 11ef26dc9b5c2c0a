// Tests the deadlines of a connection: to authenticate, and to end a line that it has begun.
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { Client } from '../support/client.js';
import { hostDaemon } from '../support/in-process.js';

// The tests mostly wait, so they run side by side.
t.jobs = 4;
const buffered = { buffered: true };

const closing = { code: 199, body: { reason: String, retry_after: Number } };

t.test(
  'a client that does not authenticate within login_seconds gets a 199 and is closed, and one that does stays',
  buffered,
  async (t) => {
    const daemon = hostDaemon(t, { env: { SALOND_LOGIN_SECONDS: '3' } });
    const port = await daemon.port();
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const start = performance.now();
    const guest = await Client.connect(port);
    const busy = await Client.connect(port);
    await busy.ok('ping');
    const asking = setInterval(() => busy.send('ping'), 100);
    await Promise.all([guest.closed, busy.closed]);
    clearInterval(asking);
    t.ok(performance.now() - start >= 2990);
    t.match(guest.lines, [closing]);
    t.match(busy.lines.at(-1), closing);
    // Real time: the limit must have passed for alice too.
    await pause(1000);
    await alice.ok('ping');
    await alice.ok('log_out');
    await alice.closed;
    t.match(alice.lines.at(-1), closing);
  },
);

t.test(
  'a client whose line does not end within line_seconds of its first byte gets a 199 and is closed',
  buffered,
  async (t) => {
    const daemon = hostDaemon(t, { env: { SALOND_LINE_SECONDS: '3' } });
    const port = await daemon.port();
    const start = performance.now();
    const [silent, slow, chatty, negotiating] = (await Promise.all([1, 2, 3, 4].map(() => Client.connect(port)))) as [
      Client,
      Client,
      Client,
      Client,
    ];
    silent.socket.write('pin');
    // PuTTY begins with WILL NAWS, which begins no line.
    negotiating.socket.write(Buffer.from([255, 251, 31]));
    const trickle = setInterval(() => slow.socket.write('x'), 100);
    // Here a new line always begins when the last one ends. Each line has its own deadline.
    const lines = setInterval(() => chatty.socket.write('ng\npi'), 300);
    await Promise.all([silent.closed, slow.closed]);
    clearInterval(trickle);
    t.ok(performance.now() - start >= 2990);
    for (const client of [silent, slow]) {
      t.match(client.lines, [closing]);
      t.equal(client.lines.length, 1);
    }
    await pause(1000);
    clearInterval(lines);
    for (const client of [chatty, negotiating]) {
      t.notOk(client.socket.closed);
      client.destroy();
    }
  },
);

t.test(
  "a user's line may take user_line_seconds, and beyond it the others are told of a timeout",
  buffered,
  async (t) => {
    const daemon = hostDaemon(t, {
      env: { SALOND_LINE_SECONDS: '1', SALOND_USER_LINE_SECONDS: '4', SALOND_LOGIN_SECONDS: '3' },
    });
    const port = await daemon.port();
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const bob = await (await Client.connect(port)).enter('bob', 'lobby');
    bob.socket.write('pi');
    await pause(1500);
    bob.send('ng');
    t.equal((await bob.reply()).code, 1);
    bob.socket.write('chatroom_message bob lobby I was about to');
    await bob.closed;
    t.match(bob.lines.at(-1), closing);
    while ((await alice.next()).code !== 102);
    t.match(alice.lines.at(-1), { code: 102, body: { username: 'bob', reason: 'timeout' } });
    t.notOk(
      alice.lines.some(({ code }) => code === 100),
      'the unfinished line is not sent',
    );
    alice.destroy();
  },
);
