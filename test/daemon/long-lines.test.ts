// Tests lines that are too long (PROTOCOL.md §1.3): each is refused once, and its bytes are dropped as they come. After
// a megabyte without a line end the connection is closed.
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

const kibibyte = 'x'.repeat(1024);

t.test('a megabyte without a line end gets 15, then 199, and the connection is closed', async (t) => {
  const daemon = hostDaemon(t);
  const client = await Client.connect(await daemon.port());
  client.socket.write(kibibyte.repeat(1024));
  t.equal((await client.next()).code, 15, 'the refusal comes as soon as the line is too long');
  client.socket.write('x');
  t.match(await client.next(), { code: 199, body: { reason: String } });
  await client.closed;
  t.equal(client.lines.length, 2);
});

t.test('a client that goes on sending without a line end still gets the 15 and the 199', async (t) => {
  const daemon = hostDaemon(t);
  const port = await daemon.port();
  for (let each = 0; each < 10; each += 1) {
    const client = await Client.connect(port);
    client.socket.write(kibibyte.repeat(3000));
    await client.closed;
    t.same(
      client.lines.map(({ code }) => code),
      [15, 199],
    );
  }
});

t.test('a line of a megabyte is refused once, and the next one is answered', async (t) => {
  const daemon = hostDaemon(t);
  const client = await Client.connect(await daemon.port());
  for (let each = 0; each < 5; each += 1) {
    client.send(`ping ${'x'.repeat(1024 * 1024 - 5)}`, 'ping');
    t.equal((await client.reply()).code, 15);
    t.equal((await client.reply()).raw, '1\t{"command":"ping"}');
  }
  client.destroy();
});

t.test('two hundred connections that each send a megabyte without a line end need little memory', async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  const clients = await Promise.all(Array.from({ length: 200 }, () => Client.connect(port)));
  for (const client of clients) await client.ok('ping');
  const before = daemon.peakMemory;
  for (const { socket } of clients)
    await new Promise((resolve) => {
      socket.write(kibibyte.repeat(1000), resolve);
    });
  // The lines end only after all of them have begun.
  for (const client of clients) {
    client.send('', 'ping');
    t.equal((await client.reply()).code, 15);
    t.equal((await client.reply()).code, 1);
  }
  const grown = daemon.peakMemory - before;
  // Read buffers wait for the garbage collector, but the 200 MB are not stored.
  t.ok(grown < 100, `the daemon grew by ${Math.round(grown)} MB`);
  for (const client of clients) client.destroy();
});
