// The private conversations in use (src/chat/private-conversations.ts), and what direct_message sees of blocks.
import t from 'tap';
import { PrivateConversations } from '../../src/chat/private-conversations.js';
import type { Post } from '../../src/chat/post.js';
import { directMessage } from '../../src/commands/direct_message.js';
import type { FollowedLog, LogId } from '../../src/store/log.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';

const [alice, bob] = [
  { id: 1, name: 'Alice', key: 'alice' },
  { id: 2, name: 'bob', key: 'bob' },
];

/** A log that notes what is followed, and follows when the test lets it. */
class FollowableLog {
  readonly noted: string[] = [];
  readonly #waiting: ((log: FollowedLog) => void)[] = [];

  follow(log: LogId): Promise<FollowedLog> {
    this.noted.push(`follow ${log}`);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  unfollow({ id }: FollowedLog): void {
    this.noted.push(`unfollow ${id}`);
  }

  letFollow(id: LogId): void {
    for (const resolve of this.#waiting.splice(0)) resolve({ id, head: 7 });
  }
}

t.test('one object serves all who use a conversation, until the last one releases it', async (t) => {
  const log = new FollowableLog();
  const conversations = new PrivateConversations(log);
  const opening = [conversations.open(5, [alice, bob]), conversations.open(5, [bob, alice])];
  t.equal(conversations.ofLog(5), undefined);
  log.letFollow(5);
  const [first, second] = await Promise.all(opening);
  t.equal(first, second);
  t.equal(conversations.ofLog(5), first);
  conversations.release(5);
  t.same([conversations.size, log.noted], [1, ['follow 5']]);
  conversations.release(5);
  t.same([conversations.size, log.noted], [0, ['follow 5', 'unfollow 5']]);
  t.equal(conversations.ofLog(5), undefined);
});

t.test('where a log can not be followed, all who asked are told, and the next one asks again', async (t) => {
  let fails = true;
  const conversations = new PrivateConversations({
    follow: async (id) => {
      if (fails) throw new Error('the disk is gone');
      return { id, head: 0 };
    },
    unfollow: () => undefined,
  });
  const asked = await Promise.allSettled([conversations.open(5, [alice, bob]), conversations.open(5, [alice, bob])]);
  t.same(
    asked.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  t.equal(conversations.size, 0);
  fails = false;
  t.equal((await conversations.open(5, [alice, bob])).log.head, 0);
});

t.test('whoever waits for the messages of one user does not wait for those of the other', async (t) => {
  const conversations = new PrivateConversations({
    follow: async (id) => ({ id, head: 0 }),
    unfollow: () => undefined,
  });
  const conversation = await conversations.open(5, [alice, bob]);
  const done: string[] = [];
  for (const { id } of [alice, bob, bob]) conversation.taken(id);
  const waits = [alice, bob].map(({ id, key }) => conversation.quiet(id).then(() => done.push(key)));
  conversation.settled(bob.id);
  conversation.settled(alice.id);
  await waits[0];
  t.same(done, ['alice']);
  conversation.settled(bob.id);
  await waits[1];
  t.same(done, ['alice', 'bob']);
});

t.test('a block that is stored while the conversation is being opened is obeyed', async (t) => {
  const store = new MemoryStore<Post>();
  const log = new FollowableLog();
  const conversations = new PrivateConversations(log);
  const opened = await store.conversations.open(alice.id, bob.id);
  const session = { identity: { user: bob }, gone: false, state: { kind: 'user', user: bob }, peer: { exempt: true } };
  const services = {
    store,
    conversations,
    reads: { run: (_payer: unknown, read: () => Promise<unknown>) => read() },
  };
  const parameters = { to: 'alice', message: 'hi' };
  const request = { command: 'direct_message', spec: commandSpecs.direct_message, parameters, ref: undefined };
  const send = directMessage as unknown as (...given: readonly unknown[]) => Promise<unknown>;
  const sending = send(session, request, services, undefined, alice);
  while (log.noted.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await store.blocks.add(alice.id, bob.id, 10);
  conversations.blockAdded();
  log.letFollow(opened.log);
  t.match(await sending, { code: 12, error: 'that user takes no messages from you' });
  t.equal(conversations.size, 0);
  t.equal(store.data.messagesOf(opened.log).length, 0);
});
