// Tests the turns of sessions that read the store: look-ups by class, address and user, and by the time that they take;
// parts of pages two at a time, none while memory is short; and with the real budget: many who read nothing hold a
// bounded sum, nobody is put out, who reads gets its page.
import { defaultFormat } from '../../src/wire/format.js';
import { textLine } from '../support/text-line.js';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Member } from '../../src/chat/member.js';
import { listChatrooms } from '../../src/commands/list_chatrooms.js';
import { encodePast, readPast, sendPast, type Reader } from '../../src/commands/past.js';
import type { RequestOf, Services } from '../../src/commands/services.js';
import type { BufferAccount, BufferHolder } from '../../src/net/buffer-account.js';
import { MemoryBudget } from '../../src/net/memory-budget.js';
import { ReadTurns } from '../../src/net/read-turns.js';
import type { Session } from '../../src/session/session.js';
import type { MessageLog, NewMessage } from '../../src/store/log.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { parseLine } from '../support/client.js';
import { newRoom } from '../support/room.js';
import { readOf, Writer } from '../support/writer.js';

const always = { hasRoom: true, whenRoom: () => undefined };

function payer(payerAddress: string, payerUser: string): Pick<Reader, 'payerClass' | 'payerAddress' | 'payerUser'> {
  return { payerClass: 'user', payerAddress, payerUser };
}

/** A store that reads one thing at a time, on a clock of its own. */
class Clock {
  time = 0;
  readonly #reads: (() => void)[] = [];

  readonly now = (): number => this.time;

  /** Starts a read that takes so many milliseconds. */
  read(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#reads.push(() => {
        this.time += milliseconds;
        resolve();
      });
    });
  }

  /** Ends the oldest read, and lets what waits for it go on. False if there is none. */
  async step(): Promise<boolean> {
    const end = this.#reads.shift();
    end?.();
    await turn();
    return end !== undefined;
  }
}

t.test('whoever reads for long lets look-ups of others go first, one address as much as another', async (t) => {
  const clock = new Clock();
  const turns = new ReadTurns(always, clock.now);
  const had = { scans: 0, 'look-ups': 0, own: 0 };
  const state = { ends: false };
  const ask = async (from: [address: string, user: string], what: keyof typeof had, takes: number): Promise<void> => {
    while (!state.ends) {
      await turns.run(payer(...from), () => clock.read(takes));
      had[what] += 1;
    }
  };
  const all = [
    ...Array.from({ length: 60 }, () => ask(['attic', 'mallory'], 'scans', 2)),
    ...Array.from({ length: 3 }, () => ask(['attic', 'alice'], 'own', 0.125)),
    ...Array.from({ length: 3 }, () => ask(['cellar', 'bob'], 'look-ups', 0.125)),
  ];
  for (let steps = 0; steps < 3000; steps += 1) await clock.step();
  t.ok(
    had['look-ups'] * 0.125 > 0.3 * clock.time,
    `another address had nearly half of the time: ${JSON.stringify(had)}`,
  );
  t.ok(had.own > 2 * had.scans, `another user of the address reads more often: ${JSON.stringify(had)}`);
  t.ok(had.scans > 40, 'who reads for long has turns, too');
  const before = had.scans;
  let answers = 0;
  void turns.run(payer('roof', 'carol'), () => clock.read(0.125)).then(() => (answers += 1));
  while (answers === 0) await clock.step();
  t.ok(had.scans - before <= 3, `a new one waits for ${had.scans - before} scans, not for 60`);
  state.ends = true;
  while (await clock.step());
  await Promise.all(all);
  t.equal(turns.waiting, 0);
});

t.test('small reads are many at one time, and have as much of the time as others', async (t) => {
  const clock = new Clock();
  const turns = new ReadTurns(always, clock.now);
  const all = Array.from({ length: 100 }, () => turns.runSmall(payer('attic', 'alice'), () => clock.read(0)));
  const other = turns.run(payer('cellar', 'bob'), () => clock.read(1));
  t.equal(turns.waiting, 37, '64 are in hand: two places');
  let steps = 0;
  let answers = 0;
  void other.then(() => (answers += 1));
  for (; answers === 0; steps += 1) await clock.step();
  t.ok(steps > 64 && steps <= 64 + 32 + 1, `the other one has a place as soon as one is free: ${steps}`);
  while (await clock.step());
  await Promise.all(all);
  t.equal(turns.waiting, 0);
});

t.test('operators come first, and users and guests share the time three to two', async (t) => {
  const clock = new Clock();
  const turns = new ReadTurns(always, clock.now);
  const had = { operator: 0, user: 0, guest: 0 };
  const state = { ends: false };
  const ask = async (payerClass: keyof typeof had): Promise<void> => {
    while (!state.ends) {
      await turns.run({ payerClass, payerAddress: 'attic', payerUser: '' }, () => clock.read(0.5));
      had[payerClass] += 1;
    }
  };
  const all = (['user', 'guest'] as const).flatMap((each) => Array.from({ length: 10 }, () => ask(each)));
  for (let steps = 0; steps < 500; steps += 1) await clock.step();
  t.ok(Math.abs(had.user / had.guest - 1.5) < 0.1, JSON.stringify(had));
  const before = had.user + had.guest;
  const operator = turns.run({ payerClass: 'operator', payerAddress: 'operator', payerUser: '' }, () =>
    clock.read(0.5),
  );
  let answers = 0;
  void operator.then(() => (answers += 1));
  while (answers === 0) await clock.step();
  t.ok(had.user + had.guest - before <= 2, 'an operator waits for what is in hand');
  state.ends = true;
  while (await clock.step());
  await Promise.all(all);
});

t.test('lists of all rooms hold up no join: between its request and its answer are few of their parts', async (t) => {
  // A part takes a millisecond, whatever the machine does.
  const turns = new ReadTurns(always, () => parts);
  const rooms = Array.from({ length: 24 }, (_, at) => String.fromCharCode(97 + at));
  let parts = 0;
  let ends = false;
  const directory = {
    listRooms: async (_match: string, after: string) => {
      parts += 1;
      await turn();
      return { rooms: [], next: ends ? undefined : rooms.find((key) => key > after) };
    },
  };
  const list = (session: object): unknown =>
    listChatrooms(
      session as Session,
      { parameters: { match: 'qqqq', limit: 1000 } } as RequestOf<'list_chatrooms'>,
      { store: { directory }, reads: turns, presence: { countIn: () => 0 } } as unknown as Services,
      undefined,
      undefined,
    );
  const all = Array.from({ length: 60 }, () =>
    list({ ...payer('attic', 'mallory'), gone: false, identity: { user: { id: 1 } } }),
  );
  for (let times = 0; times < 20; times += 1) {
    const before = parts;
    await turns.run(payer('cellar', 'bob'), turn);
    t.ok(parts - before <= 4, `${parts - before} parts were read meanwhile`);
  }
  ends = true;
  await Promise.all(all);
});

t.test('look-ups do not wait for memory', async (t) => {
  const turns = new ReadTurns({ hasRoom: false, whenRoom: () => undefined });
  void turns.readAhead(payer('a', 'alice'), () => new Promise(() => undefined));
  void turns.readAhead(payer('a', 'alice'), () => new Promise(() => undefined));
  t.equal(turns.waiting, 1);
  t.equal(await turns.run(payer('a', 'alice'), () => Promise.resolve('found')), 'found');
  await t.rejects(
    turns.run(payer('a', 'alice'), () => Promise.reject(new Error('the disk is gone'))),
    /the disk is gone/,
  );
});

t.test('a part is read again where a message was deleted while it was read', async (t) => {
  const writer = new Writer(new MemoryStore());
  const alice = await writer.user('alice');
  const { id } = await writer.room('lobby', alice.id);
  await writer.say(id, alice, 'kept', 'secret');
  const room = newRoom('lobby', id);
  let reads = 0;
  const log: Pick<MessageLog<NewMessage>, 'readAfter'> = {
    readAfter: async (...asked) => {
      const page = await writer.store.log.readAfter(...asked);
      reads += 1;
      if (reads === 1) {
        await writer.store.log.deleteMessage(id, 2, () => true);
        room.tellDeleted(textLine(''));
      }
      return page;
    },
  };
  const page = await readPast(log, room, { after: 0, upTo: 2, limit: 9 });
  t.same(
    readOf(page.messages).map(({ text }) => text),
    ['kept', ''],
  );
  const lines = String(encodePast(room, page, defaultFormat, { ref: undefined }))
    .trimEnd()
    .split('\n')
    .map((line) => parseLine(line).body);
  t.match(lines, [
    { id: 1, message: 'kept' },
    { id: 2, deleted: true, message: undefined },
  ]);
  t.match(
    parseLine(
      String(encodePast(room, await log.readAfter(id, 0, 1, 1), defaultFormat, { ref: 7, isTextless: true })).trimEnd(),
    ).body,
    {
      ref: 7,
      id: 1,
      message: undefined,
      deleted: undefined,
    },
  );
  t.equal(reads, 3);
  log.readAfter = async (...asked) => {
    room.deletions += 1;
    reads += 1;
    return writer.store.log.readAfter(...asked);
  };
  await readPast(log, room, { after: 0, upTo: 2, limit: 9 });
  t.equal(reads, 11, 'and some times at most');
});

t.test('parts take turns by address, then by user, two at a time', async (t) => {
  const turns = new ReadTurns(always);
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (address: string, user: string, name: string): Promise<void> =>
    turns.readAhead(payer(address, user), () => {
      order.push(name);
      return new Promise((resolve) => ends.push(resolve));
    });
  const all = [
    ...['a1', 'a2', 'a3', 'a4'].map((name) => ask('a', 'alice', name)),
    ask('a', 'bob', 'b1'),
    ask('c', 'carol', 'c1'),
  ];
  t.strictSame(order, ['a1', 'a2']);
  t.equal(turns.waiting, 4);
  for (let count = 0; count < all.length; count += 1) {
    ends.shift()?.();
    await turn();
    t.ok(ends.length <= 2);
  }
  await Promise.all(all);
  t.ok(order.indexOf('c1') <= 3 && order.indexOf('b1') <= 4, order.join(' '));
});

for (const isTold of [true, false])
  t.test(
    `a part that fails makes room for the next, and an address that has not read waits for ${isTold ? 'memory' : 'its clients'}`,
    async (t) => {
      let [hasRoom, told] = [true, (): void => undefined];
      const memory = {
        get hasRoom() {
          return hasRoom;
        },
        whenRoom: (callback: () => void) => {
          told = callback;
        },
      };
      const turns = new ReadTurns(memory);
      await t.rejects(
        turns.readAhead(payer('a', 'alice'), () => Promise.reject(new Error('the disk is gone'))),
        /the disk is gone/,
      );
      hasRoom = false;
      let taken = (): void => undefined;
      const unread = turns.shown(payer('a', 'bob'), new Promise((resolve) => (taken = resolve)));
      const late = turns.readAhead(payer('a', 'alice'), () => Promise.resolve('read'));
      t.equal(await turns.readAhead(payer('b', 'carol'), () => Promise.resolve('other')), 'other');
      t.equal(turns.waiting, 1, 'its address has not read the last part');
      told();
      t.equal(turns.waiting, 1, 'there is less room than was told');
      if (isTold) hasRoom = true;
      (isTold ? told : taken)();
      t.equal(await late, 'read');
      taken();
      await unread;
    },
  );

t.test(
  'however many wait whose address has not read, whoever stands behind them is found, and who is gone',
  async (t) => {
    const turns = new ReadTurns({ hasRoom: false, whenRoom: () => undefined });
    const never = new Promise<void>(() => undefined);
    const readers = Array.from({ length: 200 }, (_, at) => ({ ...payer(`deaf ${at}`, 'mallory'), gone: false }));
    let parts = 0;
    const part = (): Promise<void> => {
      parts += 1;
      return Promise.resolve();
    };
    for (const reader of readers) {
      void turns.shown(reader, never);
      void turns.readAhead(reader, part);
    }
    await turns.readAhead(payer('attic', 'alice'), part);
    t.same([parts, turns.waiting], [1, 200]);
    for (const reader of readers.slice(100)) reader.gone = true;
    await turns.readAhead(payer('attic', 'alice'), part);
    while (turns.waiting > 100) await turn();
    for (let each = 0; each < 10; each += 1) await turn();
    t.same([parts, turns.waiting], [102, 100], 'those whose sessions have ended do not wait');
  },
);

/** A session whose client reads everything at once, or nothing at all. */
class Client implements BufferHolder, Reader {
  readonly gone = false;
  readonly edition = 1;
  readonly format = defaultFormat;
  readonly payerClass = 'user';
  readonly payerUser = 'somebody';
  readonly output: Reader['output'];
  readonly #account: BufferAccount;
  bytes = 0;
  #held = 0;
  #readAhead = 0;

  constructor(
    budget: MemoryBudget,
    readonly payerAddress: string,
    isDeaf: boolean,
    readonly onMemoryShortage: () => void,
  ) {
    this.#account = budget.open(this, 'user');
    this.output = {
      event: () => undefined,
      reply: (lines) => {
        this.bytes += lines.length;
        this.#held += lines.length;
        this.#account.add(lines.length);
      },
      drained: async () => {
        if (isDeaf && this.#held > 0) await new Promise(() => undefined);
        this.#account.add(-this.#held);
        this.#held = 0;
        await turn();
      },
      readAhead: (bytes) => {
        this.#account.add(bytes - this.#readAhead);
        this.#readAhead = bytes;
      },
    };
  }

  destroy(): void {
    this.#account.close();
  }
}

const messages = 200;

t.test(
  'those who ask for pages and read nothing hold a bounded sum, and a reader among them gets its page',
  async (t) => {
    const store = new MemoryStore();
    const writer = new Writer(store);
    const alice = await writer.user('alice');
    const room = await writer.room('lobby', alice.id);
    await writer.say(room.id, alice, ...Array.from({ length: messages }, () => 'x'.repeat(4096)));
    const limit = 8 * 2 ** 20;
    const budget = new MemoryBudget(() => limit);
    const reads = new ReadTurns(budget);
    let [parts, putOut, most] = [0, 0, 0];
    const counted: Parameters<typeof sendPast>[2]['store'] = {
      log: {
        readAfter: (...asked) => {
          parts += 1;
          most = Math.max(most, budget.bytes);
          return store.log.readAfter(...asked);
        },
      },
    };
    const begin = async (client: Client): Promise<void> => {
      const member = new Member(newRoom('lobby', room.id), { ...alice, key: 'alice' }, client.output);
      const past = { after: 0, upTo: messages, ref: undefined, follows: true };
      await sendPast(client, member, { store: counted, reads }, past);
    };
    const newClient = (address: string, isDeaf: boolean): Client =>
      new Client(budget, address, isDeaf, () => (putOut += 1));
    const deaf: Client[] = [];
    const beDeaf = (count: number): void => {
      for (let each = 0; each < count; each += 1) {
        const client = newClient(`address ${each % 3}`, true);
        deaf.push(client);
        void begin(client);
      }
    };
    beDeaf(30);
    const reader = newClient('another address', false);
    await begin(reader);
    t.ok(reader.bytes > messages * 4096, 'it has its page');
    t.ok(parts <= deaf.length + Math.ceil(reader.bytes / 140_000), `of ${parts} parts the others had one each`);
    beDeaf(200);
    while (budget.hasRoom) await turn();
    for (let each = 0; each < 20; each += 1) await turn();
    t.ok(reads.waiting > 100, `${reads.waiting} wait, and cost nothing`);
    t.ok(most <= limit, `${most} bytes were held at most`);
    const late = newClient('another address', false);
    const [held, before] = [budget.bytes, parts];
    await begin(late);
    t.equal(late.bytes, reader.bytes, 'a reader has its page at once');
    t.ok(parts - before <= Math.ceil(reader.bytes / 16_384), 'and nobody else was read for');
    t.ok(budget.bytes - held < 25_000, 'in small parts');
    t.equal(putOut, 0, 'nobody was put out');
  },
);

t.test('the last part of a page counts as unread until its client has read it', async (t) => {
  const store = new MemoryStore();
  const writer = new Writer(store);
  const alice = await writer.user('alice');
  const room = await writer.room('lobby', alice.id);
  await writer.say(room.id, alice, 'one');
  const reads = new ReadTurns({ hasRoom: false, whenRoom: () => undefined });
  const budget = new MemoryBudget(() => 2 ** 20);
  const page = async (address: string, isDeaf: boolean): Promise<number> => {
    const client = new Client(budget, address, isDeaf, () => undefined);
    const member = new Member(newRoom('lobby', room.id), { ...alice, key: 'alice' }, client.output);
    await sendPast(client, member, { store, reads }, { after: 0, upTo: 1, ref: undefined, follows: true });
    return client.bytes;
  };
  t.ok(await page('attic', true), 'a page of one part');
  void page('attic', false);
  t.ok(await page('cellar', true), 'a page of another address');
  t.equal(reads.waiting, 1, 'its address has not read the first page');
  t.ok(await page('roof', false));
  await turn();
  t.ok(await page('roof', false), 'whoever has read gets the next one');
  t.equal(reads.waiting, 1);
});
