// Tests clients that send many requests before they read (PROTOCOL.md §3.1, §3.3): however late they read, every
// request gets its reply in order, the daemon stores little of that in memory, and others are served meanwhile.
// SALOND_TEST_SIZES=full, as in `npm run test:slow`, sends twice as much.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';

/** How much is sent, in halves of the full size. */
const size = process.env['SALOND_TEST_SIZES'] === 'full' ? 2 : 1;

t.test(
  'a client that reads late gets the replies to 50,000 requests in order, and the daemon needs little memory',
  async (t) => {
    const daemon = startDaemon(t);
    const socket = connect(await daemon.port(), '127.0.0.1');
    await once(socket, 'connect');
    await (await Client.connect(await daemon.port())).ok('ping');
    const before = daemon.peakMemory;
    const count = size * 50_000;
    // The replies have 50 MB in total.
    const data = 'x'.repeat(1000);
    const sent = (async () => {
      for (let ref = 0; ref < count; ref += 1) {
        if (!socket.write(`{"command":"ping","data":"${data}","ref":${ref}}\n`)) await once(socket, 'drain');
      }
      socket.end();
    })();
    await pause(1500);
    let read = 0;
    let rest = '';
    for await (const text of socket.setEncoding('latin1') as AsyncIterable<string>) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith(`1\t{"command":"ping","ref":${read},`))
          throw new Error(`not reply ${read}: ${line.slice(0, 100)}`);
        read += 1;
      }
    }
    await sent;
    t.equal(read, count);
    const grown = daemon.peakMemory - before;
    t.ok(grown < size * 40, `the daemon grew by ${Math.round(grown)} MB`);
  },
);

t.test('messages of a client that reads late are all stored, answered and numbered in order', async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  alice.socket.pause();
  const count = size * 5000;
  alice.send(
    ...Array.from({ length: count }, (_, index) => ({
      command: 'chatroom_message',
      username: 'alice',
      room: 'lobby',
      message: `message ${index}`,
      ref: index,
    })),
  );
  await pause(500);
  alice.socket.resume();
  const replies = [];
  for (let index = 0; index < count; index += 1) replies.push((await alice.reply()).body);
  t.same(
    replies.filter(({ ref, id, prev }, index) => ref !== index || id !== index + 1 || prev !== index),
    [],
  );
  const events = [];
  while (events.length < count) events.push((await bob.event()).body);
  t.same(
    events.filter(({ message, id }, index) => message !== `message ${index}` || id !== index + 1),
    [],
  );
  for (const client of [alice, bob]) client.destroy();
});

t.test('thousands of requests with long replies neither fill the memory nor delay other clients', async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  // Sixty names of 122 bytes each make a reply to list_users of 9 KB.
  const names = Array.from({ length: 60 }, (_, index) => '𠀀'.repeat(30) + String(10 + index));
  for (const name of names) await (await Client.connect(port)).enter(name, 'lobby');
  const other = await Client.connect(port);
  await other.ok('ping');
  const before = daemon.peakMemory;
  // The flood comes from another process, so that this one does not wait for it.
  const script = `
    const socket = require('net').connect(${port}, '127.0.0.1');
    socket.write('create_user mallory M M looking-glass\\nauthenticate_user mallory looking-glass\\n');
    socket.write('join_chatroom mallory lobby\\n');
    let read = 0;
    socket.on('data', ({ length }) => {
      if (read === 0) setTimeout(() => socket.write('list_users lobby\\n'.repeat(500_000)), 300);
      read += length;
      if (read > ${size * 30_000_000}) process.exit();
    });`;
  const flood = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  t.teardown(() => flood.kill('SIGKILL'));
  let flooding = true as boolean;
  const end = once(flood, 'close').then(() => {
    flooding = false;
  });
  let served = 0;
  while (flooding) {
    await other.ok('ping');
    served += 1;
    await pause(10);
  }
  await end;
  const grown = daemon.peakMemory - before;
  t.ok(grown < 120, `the daemon grew by ${Math.round(grown)} MB`);
  // If requests were carried out as fast as they come, the first ping would wait for all of them.
  t.ok(served >= size * 5, `${served} pings were answered while the flood read ${size * 30} MB`);
});
