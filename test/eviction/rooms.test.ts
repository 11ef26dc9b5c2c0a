// Put out of a room (event 106): what the store has of a member is answered before it, nothing of the room comes after
// it, and a join that replays does not happen. And closing a room under load, against the real daemon.
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Client, type Line } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { pause, startServer, type TestServer } from './test-server.js';
import { verbatim } from '../../src/wire/words.js';

t.jobs = 4;
const buffered = { buffered: true };

const say = (username: string, message: string): object => ({
  command: 'chatroom_message',
  username,
  room: 'lobby',
  message,
});
const join = (username: string, after?: number): object => ({
  command: 'join_chatroom',
  username,
  room: 'lobby',
  after,
});
const codes = (lines: readonly Line[]): number[] => lines.map(({ code }) => code);

/** Puts those of the names out of the lobby. */
function putOut({ evictions, services }: TestServer, ...names: readonly string[]): Promise<number> {
  const room = services.rooms.get('lobby');
  if (room === undefined) throw new Error('nobody is there');
  return evictions.room(room, ({ user }) => names.includes(user.name), {
    by: 'alice',
    reason: verbatim('enough'),
    because: 'kicked',
  });
}

async function filled(t: Test, messages: number): Promise<{ readonly server: TestServer; readonly alice: Client }> {
  const server = await startServer(t);
  const alice = await server.enter('alice', 'lobby');
  alice.send(...Array.from({ length: messages }, (_, each) => say('alice', `${each}`)));
  for (let each = 0; each < messages; each += 1) await alice.reply();
  return { server, alice };
}

t.test(
  'messages that the store has are answered before the 106 and shown before the 102, and no later message is taken',
  buffered,
  async (t) => {
    const { server, alice } = await filled(t, 0);
    const mallory = await server.enter('mallory', 'lobby');
    await alice.event();
    server.store.hold('commit');
    const from = mallory.lines.length;
    mallory.send(say('mallory', 'one'));
    await server.until(() => server.store.waiting.commit === 1, 'it is on its way');
    // This one waits for the next commit.
    mallory.send(say('mallory', 'two'));
    alice.send(say('alice', 'between'));
    await server.until(() => server.store.appended === 3, 'both were taken');
    t.equal(await putOut(server, 'mallory'), 1);
    t.equal(await putOut(server, 'mallory'), 0, 'once');
    mallory.send(
      say('mallory', 'three'),
      { command: 'chatroom_history', room: 'lobby' },
      { command: 'list_users', room: 'lobby' },
      join('mallory'),
    );
    alice.send(say('alice', 'later'));
    await server.until(() => server.store.appended === 4, 'alice speaks');
    t.same(mallory.lines.slice(from), [], 'the 106 waits for the replies');
    server.store.step('commit');
    await server.until(
      () => server.store.waiting.commit === 1 && server.store.passed.commit > 0,
      'the second commit is on its way',
    );
    server.store.release('commit');
    for (let replies = 0; replies < 6; ) if ((await mallory.next()).code < 100) replies += 1;
    const lines = mallory.lines.slice(from);
    t.same(codes(lines), [1, 1, 106, 10, 10, 10, 1], JSON.stringify(lines.map(({ raw }) => raw)));
    t.match(lines[2], { body: { room: 'lobby', by: 'alice', reason: 'enough' } });
    const seen: string[] = [];
    while (alice.lines.filter(({ code }) => code === 101).length < 2) await alice.next();
    for (const { code, body } of alice.lines)
      if (code > 1) seen.push(`${code} ${String(body['message'] ?? body['username'])}`);
    t.same(seen, ['101 mallory', '100 one', '100 two', '102 mallory', '101 mallory']);
  },
);

t.test(
  'an evicted member reads the lines that have to stand before its last reply, and no more',
  buffered,
  async (t) => {
    const { server, alice } = await filled(t, 0);
    const mallory = await server.enter('mallory', 'lobby');
    server.store.hold('commit');
    alice.send(say('alice', 'one'));
    await server.until(() => server.store.appended === 1, 'alice speaks');
    mallory.send(say('mallory', 'two'));
    await server.until(() => server.store.appended === 2, 'mallory speaks');
    await putOut(server, 'mallory');
    alice.send(say('alice', 'three'));
    await server.until(() => server.store.appended === 3, 'alice speaks');
    const from = mallory.lines.length;
    server.store.release('commit');
    while ((await mallory.next()).code !== 106);
    await mallory.ok('ping');
    t.same(
      mallory.lines.slice(from).map(({ code, body }) => [code, body['id']]),
      [
        [100, 1],
        [1, 2],
        [106, undefined],
        [1, undefined],
      ],
    );
  },
);

t.test(
  'an eviction from a room stops a page of history, whose request is answered 10 after the 106',
  buffered,
  async (t) => {
    const { server } = await filled(t, 700);
    const mallory = await server.enter('mallory', 'lobby');
    server.store.hold('page');
    const from = mallory.lines.length;
    mallory.send({ command: 'chatroom_history', room: 'lobby', limit: 700 });
    await server.until(() => server.store.waiting.page === 1, 'the page is read');
    await putOut(server, 'mallory');
    server.store.release('page');
    t.equal((await mallory.reply()).code, 10);
    t.same(codes(mallory.lines.slice(from)), [106, 10]);
  },
);

t.test(
  'an eviction during the replay of a join refuses the join at its next page, and nobody is told of it',
  buffered,
  async (t) => {
    const { server, alice } = await filled(t, 700);
    const mallory = await server.enter('mallory');
    server.store.hold('page');
    const from = mallory.lines.length;
    mallory.send(join('mallory', 0));
    await server.until(() => server.store.waiting.page === 1, 'the replay has begun');
    t.equal(await putOut(server, 'mallory'), 0, 'it was not in the room yet');
    server.store.release('page');
    t.equal((await mallory.reply()).code, 12);
    t.same(codes(mallory.lines.slice(from)), [12]);
    await alice.ok('ping');
    t.same(
      alice.lines.filter(({ code }) => code > 100),
      [],
    );
    t.equal((await mallory.request(join('mallory', 690))).code, 1, 'another one is let in');
  },
);

t.test(
  'a join that is evicted in its last page is refused; the others see it come and go, and it gets no message that came meanwhile',
  buffered,
  async (t) => {
    const { server, alice } = await filled(t, 10);
    const mallory = await server.enter('mallory');
    server.store.hold('page');
    const from = mallory.lines.length;
    mallory.send(join('mallory', 0));
    t.equal((await alice.event()).code, 101);
    await alice.ok(say('alice', 'meanwhile'));
    t.equal(await putOut(server, 'mallory'), 1);
    t.equal((await alice.event()).code, 102);
    server.store.release('page');
    t.equal((await mallory.reply()).code, 12);
    await mallory.ok('ping');
    t.same(codes(mallory.lines.slice(from)), [12, 1]);
  },
);

t.test(
  'a member that is evicted in the very step in which its join ends reads the reply and then the 106',
  buffered,
  async (t) => {
    const { server } = await filled(t, 0);
    for (let ticks = 1; ticks < 12; ticks += 1) {
      const mallory = await server.enter('mallory');
      mallory.send(join('mallory'));
      const room = server.services.rooms.get('lobby');
      if (room === undefined) return t.fail('nobody is there');
      // As soon as it enters, and so many ticks later.
      const add = room.members.add.bind(room.members);
      let ended: Promise<void> | undefined;
      room.members.add = (member) => {
        ended = (async () => {
          for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
          await putOut(server, 'mallory');
        })();
        return add(member);
      };
      const { code } = await mallory.reply();
      room.members.add = add;
      await ended;
      t.equal((await mallory.request(say('mallory', 'x'))).code, 10, `${ticks} ticks`);
      const lines = codes(
        mallory.lines.filter(({ body }) => body['command'] === 'join_chatroom' || body['by'] === 'alice'),
      );
      t.same(lines, code === 1 ? [1, 106] : [12], `${ticks} ticks`);
      mallory.destroy();
      await pause(5);
    }
  },
);

t.test(
  'a room that is closed under load sends nothing after the 106, and every message has one id for all',
  buffered,
  async (t) => {
    const daemon = startDaemon(t, {
      env: { SALOND_METRICS_LISTEN: '127.0.0.1:0', SALOND_CONNECTIONS_PER_MINUTE: '1000' },
    });
    const { metrics } = await daemon.logged('ready');
    const port = await daemon.port();
    const operator = await Client.connect(await daemon.control());
    const names = Array.from({ length: 8 }, (_, each) => `user${each}`);
    const clients = await Promise.all(names.map(async (name) => (await Client.connect(port)).enter(name)));
    for (let round = 0; round < 4; round += 1) {
      const room = `lobby${round}`;
      const ofRoom = ({ body }: Line): boolean => body['room'] === room;
      await Promise.all(
        clients.map((client, each) => client.ok({ command: 'join_chatroom', username: names[each], room })),
      );
      const count = 800;
      for (const [each, client] of clients.entries()) {
        client.send(
          ...Array.from({ length: count }, (_, ref) => ({
            command: 'chatroom_message',
            username: names[each],
            room,
            message: 'x'.repeat(100),
            ref,
            ...(each % 3 === 0 ? { key: `${round} ${ref}` } : {}),
          })),
          `ping ${round}`,
        );
      }
      await sleep(15 * round);
      const before = Number((await operator.ok('status')).body['delivered']);
      t.match(await operator.request({ command: 'close_room', room }), { code: 1, body: { sessions: 8 } });
      t.ok(Number((await operator.ok('status')).body['delivered']) >= before);
      await Promise.all(
        clients.map(async (client) => {
          while ((await client.reply()).body['data'] !== `${round}`);
          // It comes later where everything was answered before the room was closed.
          while (!client.lines.some((line) => line.code === 106 && ofRoom(line))) await client.next();
        }),
      );
      for (const client of clients) {
        const end = client.lines.findIndex((line) => line.code === 106 && ofRoom(line));
        t.ok(end > 0);
        t.same(
          client.lines.slice(end + 1).filter((line) => ofRoom(line) && (line.code === 1 || line.code >= 100)).length,
          0,
          'nothing after the 106',
        );
        const answered = client.lines.filter(
          ({ body }) => body['command'] === 'chatroom_message' && body['error'] === undefined && body['room'] === room,
        );
        const refused = client.lines.filter(
          ({ code, body }) => body['command'] === 'chatroom_message' && code === 10,
        ).length;
        t.ok(answered.length + refused >= count, 'each is answered');
      }
      // Of each user all messages come before its 102.
      for (const client of clients) {
        const gone = new Set<unknown>();
        for (const { code, body } of client.lines.filter(ofRoom)) {
          if (code === 102) gone.add(body['username']);
          else if (code === 100 && gone.has(body['username'])) return t.fail('a message after its author has left');
        }
      }
      const response = await fetch(`http://${String(metrics)}/metrics`);
      t.equal(response.status, 200);
      t.notMatch(await response.text(), /^salond_\S+ (-|NaN)/m);
    }
    const {
      body: { messages, delivered },
    } = await operator.ok('status');
    const heard = clients.reduce((sum, { lines }) => sum + lines.filter(({ code }) => code === 100).length, 0);
    const stored = clients.reduce(
      (sum, { lines }) => sum + lines.filter(({ code, body }) => code === 1 && body['id'] !== undefined).length,
      0,
    );
    t.equal(messages, stored);
    t.equal(delivered, heard, 'what is counted is what was read');
  },
);
