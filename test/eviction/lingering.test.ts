// Put out after the session has ended: the client may still read megabytes that it was sent, as slowly as it likes.
import t from 'tap';
import { pause, startServer, type TestServer } from './test-server.js';
import { verbatim } from '../../src/wire/words.js';

t.setTimeout(120_000);
// Each waits for seconds.
t.jobs = 4;
const buffered = { buffered: true };

const drain = (server: TestServer): void => {
  for (const connection of server.acceptor.connections.keys())
    connection.finish(verbatim('the server is about to stop'), 1000);
};

for (const [what, outbox, end] of [
  ['was closed for reading too slowly', '65536', () => undefined],
  ['was told in a drain', '64000000', drain],
] as const) {
  for (const [command, parameters] of [
    ['ban', { target: 'user:mallory' }],
    ['disable_account', { user: 'mallory' }],
  ] as const) {
    t.test(`${command} closes the connection of a client that ${what} and does not read`, buffered, async (t) => {
      const server = await startServer(t, { SALOND_STALL_SECONDS: '600', SALOND_MAX_OUTBOX_BYTES: outbox });
      const alice = await server.enter('alice', 'lobby');
      const mallory = await server.enter('mallory', 'lobby');
      mallory.socket.pause();
      // More than the kernel takes.
      const count = 3000;
      alice.send(
        ...Array.from({ length: count }, () => ({
          command: 'chatroom_message',
          username: 'alice',
          room: 'lobby',
          message: 'x'.repeat(4000),
        })),
      );
      for (let each = 0; each < count; each += 1) await alice.reply();
      alice.destroy();
      await server.until(() => server.acceptor.connections.size === 1, 'alice is gone');
      const [lingering] = server.acceptor.connections.keys();
      end(server);
      await server.until(() => server.presence.countOf('mallory') === 0, 'the session has ended');
      await server.settled();
      t.ok(lingering !== undefined && server.acceptor.connections.has(lingering), 'its client may go on reading');
      await server.operate(command, parameters);
      // Some seconds. By the limit for those who do not read it would be ten minutes.
      while (server.acceptor.connections.size > 0) await pause(50);
      t.pass('the connection is gone');
      mallory.socket.resume();
      await mallory.closed;
    });
  }
}
