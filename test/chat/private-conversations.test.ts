// The private conversations in use (src/chat/private-conversations.ts), and what direct_message sees of blocks.
import { defaultFormat } from '../../src/wire/format.js';
import t from 'tap';
import { PrivateConversations } from '../../src/chat/private-conversations.js';
import { Post } from '../../src/chat/post.js';
import { PrivateDelivery } from '../../src/chat/private-delivery.js';
import { lastRoomLog } from '../../src/store/conversations.js';
import { directMessage } from '../../src/commands/direct_message.js';
import type { FollowedLog, LogId, Messages } from '../../src/store/log.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { joinTexts } from '../../src/store/texts.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { parseLine } from '../support/client.js';
import { worded } from '../support/sentences.js';

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
  t.match(await conversations.open(5, [alice, bob]), { log: { head: 0 }, deletions: 0 });
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
  t.match(worded(await sending), { code: 12, error: 'that user takes no messages from you' });
  t.equal(conversations.size, 0);
  t.equal(store.data.messagesOf(opened.log).length, 0);
});

/** A session that is shown private messages. */
class Hearer {
  readonly id = 1;
  gone = false;
  edition: 1 | 2 = 2;
  isListening = true;
  readonly events = 'all';
  readonly format = defaultFormat;
  readonly got: (Buffer | string)[] = [];
  settledPosts = 0;
  readonly output = {
    event: (line: Buffer | string) => void this.got.push(line),
    reply: (line: Buffer | string) => void this.got.push(line),
  };
  evict(): boolean {
    return true;
  }
  settled(): void {
    this.settledPosts += 1;
  }

  /** What it got since it was asked last: the codes with their ids, of a duplicate with a star. */
  get lines(): readonly string[] {
    return this.got
      .splice(0)
      .flatMap((lines) => String(lines).trimEnd().split('\n'))
      .map((line) => parseLine(line))
      .map(({ code, body }) => `${code} ${String(body['id'])}${body['duplicate'] === true ? '*' : ''}`);
  }
}

t.test('a commit shows each session of both users what it does not have, with replies in their places', async (t) => {
  const conversations = new PrivateConversations({
    follow: async (id) => ({ id, head: 0 }),
    unfollow: () => undefined,
  });
  const [first, other] = [lastRoomLog + 1, lastRoomLog + 2];
  await conversations.open(first, [alice, bob]);
  const [one, two, three, old, fresh] = [new Hearer(), new Hearer(), new Hearer(), new Hearer(), new Hearer()];
  old.edition = 1;
  fresh.isListening = false;
  const sessions = new Map([
    ['alice', [one, two]],
    ['bob', [three, old, fresh]],
  ]);
  const counters = { lines: 0 };
  const shown = new PrivateDelivery(conversations, { sessionsOf: (key) => sessions.get(key) ?? [] }, counters);
  const post = (speaker: Hearer, log = first): Post =>
    new Post(
      speaker,
      { log: { id: log, head: 0 } },
      alice,
      undefined,
      'x',
      undefined,
      undefined,
      'text',
      0,
      'direct_message',
    );
  const messages = (log: number, first: number, ...authors: readonly (typeof alice)[]): Messages => {
    const texts = joinTexts(authors.map(() => 'hi'));
    return { log, first, time: 0, authors, texts, kinds: authors.map(() => 'text'), about: authors.map(() => 0) };
  };
  const all = (): readonly (readonly string[])[] => [one, two, three, old, fresh].map(({ lines }) => lines);

  t.equal(post(one).readers, 2, 'a commit counts its readers');
  shown.begin([messages(first, 1, alice, bob, alice)]);
  shown.answer(post(one), 'stored', 1);
  shown.answer(post(three), 'stored', 2);
  shown.answer(post(one), 'duplicate', 3);
  shown.answer(post(one), 'duplicate', 2);
  shown.answer(post(old), 'stored', 3);
  shown.end();
  t.same(all(), [
    ['1 1', '104 2', '104 3', '1 3*', '1 2*'],
    ['104 1', '104 2', '104 3'],
    ['104 1', '1 2', '104 3'],
    ['1 3'],
    [],
  ]);
  t.equal(counters.lines, 2 + 3 + 2);

  // Those who got all lines at once share one Buffer.
  shown.begin([messages(first, 4, alice, bob)]);
  shown.end();
  t.equal(two.got.length, 1);
  t.equal(two.got[0], three.got[0]);
  t.same(all(), [['104 4', '104 5'], ['104 4', '104 5'], ['104 4', '104 5'], [], []]);
  counters.lines = 0;
  shown.end();
  t.same([all().flat(), counters.lines], [[], 0], 'once');

  // A room's messages, and those of a conversation that nobody uses, are not for here.
  shown.begin([messages(6, 1, alice)]);
  shown.begin([messages(other, 1, alice)]);
  shown.answer(post(one, other), 'stored', 1);
  shown.answer(post(one), 'duplicate', 4);
  shown.end();
  t.same(all(), [['1 1', '1 4*'], [], [], [], []]);
  shown.begin([messages(first, 6, alice, alice)]);
  three.gone = true;
  shown.answer(post(two), 'duplicate', 8);
  shown.answer(post(two), 'stored', 7);
  shown.end();
  t.same(all(), [['104 6', '104 7'], ['1 8*', '104 6', '1 7'], [], [], []]);
  t.equal(counters.lines, 3);
});
