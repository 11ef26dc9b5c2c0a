// Tests that guests who send ahead do not keep a user waiting. Counts what is answered before what, so that it does not
// matter how fast the machine is.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { Client } from '../support/client.js';
import { hostDaemon } from '../support/in-process.js';

const guests = 100;
const requestsOfEach = 200;

t.test("a user's requests are answered before the rest of what a hundred guests have sent ahead", async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_EXEMPT_ADDRESSES: '127.0.0.1' } });
  const port = await daemon.port();
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  let answered = 0;
  const sockets: Socket[] = [];
  for (let guest = 0; guest < guests; guest += 1) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setEncoding('latin1').on('data', (text: string) => {
      answered += text.split('\n').length - 1;
    });
    sockets.push(socket);
  }
  for (const socket of sockets) socket.write('help\n'.repeat(requestsOfEach));
  while (answered === 0) await alice.ok('ping');
  for (let request = 0; request < 10; request += 1) await alice.ok('ping');
  t.ok(answered < guests * requestsOfEach, `${answered} requests of guests were answered meanwhile`);
  t.comment(answered);
  // Nothing is lost: the guests wait, and get all their answers in the end.
  const before = answered;
  const rest = sockets.slice(0, 2);
  for (const socket of sockets.slice(2)) socket.destroy();
  for (const socket of rest) socket.end();
  await Promise.all(rest.map((socket) => once(socket, 'close')));
  t.ok(answered > before);
  alice.destroy();
});
