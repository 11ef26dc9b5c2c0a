// Tests the turns of sessions that read the past: parts by address, user and session, two at a time, none while memory is
// short; and with the real budget: many who read nothing hold a bounded sum, nobody is put out, who reads gets its page.
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Member } from '../../src/chat/room.js';
import { sendPast, type Reader } from '../../src/commands/past.js';
import { MemoryBudget, type BufferAccount, type BufferHolder } from '../../src/net/memory-budget.js';
import { ReadTurns } from '../../src/net/read-turns.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { newRoom } from '../support/room.js';
import { Writer } from '../support/writer.js';

const always = { hasRoom: true, whenRoom: () => undefined };

function payer(payerAddress: string, payerUser: string): Pick<Reader, 'payerClass' | 'payerAddress' | 'payerUser'> {
  return { payerClass: 'user', payerAddress, payerUser };
}

t.test('parts take turns by address, then by user, two at a time', async (t) => {
  const turns = new ReadTurns(always);
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (address: string, user: string, name: string): Promise<void> =>
    turns.run(payer(address, user), () => {
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
        turns.run(payer('a', 'alice'), () => Promise.reject(new Error('the disk is gone'))),
        /the disk is gone/,
      );
      hasRoom = false;
      let taken = (): void => undefined;
      const unread = turns.read(payer('a', 'bob'), new Promise((resolve) => (taken = resolve)));
      const late = turns.run(payer('a', 'alice'), () => Promise.resolve('read'));
      t.equal(await turns.run(payer('b', 'carol'), () => Promise.resolve('other')), 'other');
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

/** A session whose client reads everything at once, or nothing at all. */
class Client implements BufferHolder, Reader {
  readonly gone = false;
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
    this.#account = budget.open(this);
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
    const begin = (client: Client): Promise<void> => {
      const member = new Member(newRoom('lobby', room.id), { ...alice, key: 'alice' }, client.output);
      return sendPast(client, member, { store: counted, reads }, { after: 0, upTo: messages, ref: undefined });
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
