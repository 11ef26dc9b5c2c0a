// The session's state machine (src/session/session.ts), with commands that the test answers when it likes: the order of
// the replies, what waits for what, and when a session that is gone leaves its rooms (PROTOCOL.md §3.1, §4.2).

import t from 'tap';
import { FakeSession } from './fake-session.js';

t.test('messages are taken without waiting for those before them', async (t) => {
  const fake = new FakeSession();
  fake.send('post 1', 'post 2', 'post 3');
  t.same(fake.begun, ['post 1', 'post 2', 'post 3']);
  t.same(fake.replies, []);
  t.equal(fake.session.ready, true);
  t.equal(fake.session.idle, false);
  fake.settle(2);
  t.same(fake.replies, [1, 2]);
  t.equal(fake.session.idle, false);
  fake.settle(1);
  t.same(fake.replies, [1, 2, 3]);
  t.equal(fake.session.idle, true);
});

for (const [kind, what] of [
  ['now', 'a command'],
  ['later', 'a slow command'],
  ['bad', 'the refusal of a bad line'],
] as const) {
  t.test(
    `${what} behind messages waits until the last of them is answered, and what follows waits for it`,
    async (t) => {
      const fake = new FakeSession();
      fake.send('post 1', 'post 2', `${kind} 3`, 'post 4');
      t.same(fake.begun, ['post 1', 'post 2']);
      t.same(fake.queued, ['post 4'], 'not even taken');
      fake.settle(1);
      t.same(fake.begun, ['post 1', 'post 2']);
      t.same(fake.replies, [1]);
      fake.settle(1);
      if (kind === 'later') {
        t.same(fake.begun, ['post 1', 'post 2', 'later 3']);
        t.same(fake.replies, [1, 2]);
        await fake.resolve();
      }
      t.equal(fake.begun.at(-1), 'post 4');
      t.same(fake.replies, [1, 2, 3]);
      fake.settle(1);
      t.same(fake.replies, [1, 2, 3, 4]);
      t.equal(fake.session.idle, true);
    },
  );
}

t.test('while a slow command runs, nothing is taken', async (t) => {
  const fake = new FakeSession();
  fake.send('later 1', 'now 2', 'post 3');
  t.same(fake.begun, ['later 1']);
  t.equal(fake.session.ready, false);
  t.equal(fake.session.idle, false);
  await fake.resolve();
  t.same(fake.begun, ['later 1', 'now 2', 'post 3']);
  t.same(fake.replies, [1, 2]);
});

t.test('a message that is answered late, by its key, does not overtake those before it', async (t) => {
  const fake = new FakeSession();
  fake.send('post 1', 'known 2', 'post 3');
  t.same(fake.begun, ['post 1', 'known 2']);
  await fake.resolve();
  t.same(fake.replies, []);
  t.equal(fake.session.ready, false, 'its reply waits');
  fake.settle(1);
  t.same(fake.replies, [1, 2]);
  t.same(fake.begun, ['post 1', 'known 2', 'post 3']);
});

t.test('a message that is answered late, after those before it, is answered at once', async (t) => {
  const fake = new FakeSession();
  fake.send('post 1', 'known 2', 'post 3');
  fake.settle(1);
  t.same(fake.replies, [1]);
  t.same(fake.begun, ['post 1', 'known 2'], 'the one that runs is still before it');
  await fake.resolve();
  t.same(fake.replies, [1, 2]);
  fake.settle(1);
  t.same(fake.replies, [1, 2, 3]);
});

t.test('a message that is refused at once keeps its place as well', async (t) => {
  const fake = new FakeSession();
  fake.send('post 1', 'refused 2', 'post 3');
  t.same(fake.replies, []);
  fake.settle(1);
  t.same(fake.replies, [1, 2]);
  fake.settle(1);
  t.same(fake.replies, [1, 2, 3]);
});

t.test('4,096 messages may be on their way; beyond it the session takes nothing until one is answered', async (t) => {
  const fake = new FakeSession();
  fake.send(...Array.from({ length: 5000 }, (_, index) => `post ${index}`));
  t.equal(fake.begun.length, 4096);
  t.equal(fake.session.ready, false);
  fake.settle(1);
  t.equal(fake.begun.length, 4097);
  fake.settle(4096);
  t.equal(fake.begun.length, 5000);
  fake.settle(903);
  t.same(
    fake.replies,
    Array.from({ length: 5000 }, (_, index) => index),
  );
});

t.test('what comes after a reply comes after it', async (t) => {
  const fake = new FakeSession();
  fake.send('afterwards 1');
  t.same(fake.output, ['reply 1', 'afterwards 1']);
});

t.test('after quit nothing is taken, and all before it is answered', async (t) => {
  const fake = new FakeSession();
  fake.send('post 1', 'quit 2', 'now 3');
  t.equal(fake.session.quitting, false);
  fake.settle(1);
  t.equal(fake.session.quitting, true);
  t.same(fake.replies, [1, 2]);
  t.equal(fake.session.ready, false);
  t.equal(fake.session.idle, true);
  t.same(fake.queued, ['now 3']);
});

t.test('a session that ends with nothing under way leaves its rooms at once, and once', async (t) => {
  const fake = new FakeSession().enter('lobby', 'garden');
  await fake.end('timeout');
  await fake.end('disconnected');
  t.same(fake.left, ['lobby timeout', 'garden timeout']);
  t.same(fake.session.state, { kind: 'guest' });
  t.equal(fake.session.gone, true);
});

t.test('a session that ends while messages are on their way leaves after the last of them', async (t) => {
  const fake = new FakeSession().enter('lobby');
  fake.send('post 1', 'post 2', 'now 3');
  await fake.end('disconnected');
  fake.settle(1);
  t.same(fake.left, []);
  t.equal(fake.session.idle, false);
  fake.settle(1);
  t.equal(fake.session.idle, true);
  t.same(fake.left, ['lobby disconnected']);
  t.same(fake.begun, ['post 1', 'post 2'], 'what waited is not done any more');
});

t.test(
  'a session that ends while a command runs leaves at once, and what the command brings is not taken',
  async (t) => {
    const fake = new FakeSession().enter('lobby');
    fake.send('later 1');
    await fake.end('server');
    t.same(fake.left, ['lobby server']);
    t.equal(fake.session.idle, true, 'it is not waited for');
    t.equal(fake.session.becomeUser({ id: 2, name: 'bob', key: 'bob' }), false, 'nobody comes in by it any more');
    await fake.resolve();
    t.same(fake.replies, []);
    t.same(fake.session.state, { kind: 'guest' });
  },
);

t.test(
  'a session that ends behind a late answer and messages before it leaves after the messages, and the late one is not answered',
  async (t) => {
    for (const settledFirst of [true, false]) {
      const fake = new FakeSession().enter('lobby', 'garden');
      fake.send('post 1', 'known 2');
      await fake.end('disconnected');
      t.same(fake.left, ['garden disconnected'], 'where nothing of it is on its way, at once');
      if (!settledFirst) await fake.resolve();
      t.same(fake.left, ['garden disconnected']);
      fake.settle(1);
      t.same(fake.left, ['garden disconnected', 'lobby disconnected']);
      if (settledFirst) await fake.resolve();
      t.same(fake.replies, [1]);
    }
  },
);

t.test('an answer that waits for messages before it is given though the session ends', async (t) => {
  const fake = new FakeSession().enter('lobby');
  fake.send('post 1', 'refused 2', 'now 3');
  await fake.end('kicked');
  fake.settle(1);
  t.same(fake.replies, [1, 2]);
});

t.test('who logs out has left all rooms before the next request', async (t) => {
  const fake = new FakeSession().enter('lobby', 'garden');
  t.equal(fake.session.becomeGuest('left'), undefined);
  t.same(fake.left, ['lobby left', 'garden left']);
  t.throws(() => fake.session.identity);
  await fake.end('disconnected');
  t.same(fake.left, ['lobby left', 'garden left'], 'no second time');
});
