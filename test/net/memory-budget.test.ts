// Tests the memory budget with random changes of many accounts against a model that adds everything up again.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import t, { type Test } from 'tap';
import type { BufferAccount, BufferClass } from '../../src/net/buffer-account.js';
import { MemoryBudget } from '../../src/net/memory-budget.js';

const limit = 10_000;

/** A connection that holds bytes, and keeps a rest of them when it is put out, as a socket's queue does. */
class Holder {
  readonly account: BufferAccount;
  own = 0;
  readonly shares: Buffer[] = [];
  /** `put out` and `destroyed`, in the order of the calls. */
  readonly told: string[] = [];

  constructor(
    budget: MemoryBudget,
    readonly bufferClass: BufferClass,
    readonly rest: number,
  ) {
    this.account = budget.open(this, bufferClass);
  }

  get isIn(): boolean {
    return this.told.length === 0;
  }

  get isClosed(): boolean {
    return this.told.includes('destroyed');
  }

  get held(): number {
    return this.own + this.shares.reduce((sum, { length }) => sum + length, 0);
  }

  set(bytes: number): void {
    if (this.isClosed) return;
    this.account.add(bytes - this.own);
    this.own = bytes;
  }

  share(buffer: Buffer): void {
    this.shares.push(buffer);
    this.account.share(buffer);
  }

  unshareAll(): void {
    for (const buffer of this.shares.splice(0)) this.account.unshare(buffer);
  }

  onMemoryShortage(): void {
    this.told.push('put out');
    this.unshareAll();
    this.set(Math.min(this.own, this.rest));
  }

  destroy(): void {
    this.told.push('destroyed');
    this.own = 0;
  }
}

function bytesOf(holders: readonly Holder[]): number {
  const memories = new Set(holders.flatMap(({ shares }) => shares.map(({ buffer }) => buffer)));
  const own = holders.reduce((sum, holder) => sum + holder.own, 0);
  return [...memories].reduce((sum, { byteLength }) => sum + byteLength, own);
}

/** A budget, and the turn in which it does what is due. */
function enforced(most: () => number) {
  let due: (() => void) | undefined;
  const budget = new MemoryBudget(most, (enforce) => {
    due = enforce;
  });
  return { budget, enforce: (): void => due?.(), isDue: (): boolean => due !== undefined };
}

/** The classes of the holders of a random test. */
const classes: readonly BufferClass[] = [...Array<BufferClass>(6).fill('user'), 'guest', 'guest', 'guest', 'operator'];

const change = fc.record({
  holder: fc.nat(9),
  do: fc.constantFrom('set', 'set', 'set', 'share', 'share', 'unshare', 'turn'),
  bytes: fc.oneof(fc.nat(3000), fc.constantFrom(0, limit, limit + 1)),
  buffer: fc.nat(4),
});

t.test('the sum is that of all, and whoever is put out is put out because the sum was over the limit', async (t) => {
  let [putOut, destroyed] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 80, size: 'max' }), async (changes) => {
      const due: (() => void)[] = [];
      const budget = new MemoryBudget(
        () => limit,
        (enforce) => due.push(enforce),
      );
      const buffers = Array.from({ length: 5 }, (_, index) => Buffer.allocUnsafeSlow(500 * (index + 1)));
      const holders = Array.from(
        { length: 10 },
        (_, index) => new Holder(budget, classes[index] ?? 'user', 150 * index),
      );
      for (const { holder: place, do: what, bytes, buffer } of changes) {
        const holder = holders[place] as Holder;
        if (what === 'turn') {
          turn();
        } else if (holder.isIn) {
          if (what === 'set') holder.set(bytes);
          else if (what === 'unshare') holder.unshareAll();
          else holder.share((buffers[buffer] as Buffer).subarray(0, 100 + (bytes % 400)));
        }
        assert.equal(budget.bytes, bytesOf(holders));
        assert.ok(due.length <= 1, 'it asks once a turn');
      }
      turn();
      for (const holder of holders) {
        holder.unshareAll();
        holder.account.close();
        holder.account.add(7);
      }
      assert.equal(budget.bytes, 0);

      function turn(): void {
        const before = holders.filter(({ isIn }) => isIn);
        const guestBytes = (some: readonly Holder[]): number =>
          some.reduce((sum, { bufferClass, own }) => sum + (bufferClass === 'guest' ? own : 0), 0);
        const wasOver = bytesOf(before) > limit;
        const hadGuestsOver = guestBytes(before) > limit / 2;
        due.splice(0).forEach((enforce) => enforce());
        const [stay, leave] = [before.filter(({ isIn }) => isIn), before.filter(({ isIn }) => !isIn)];
        putOut += leave.length;
        destroyed += holders.filter(({ isClosed }) => isClosed).length;
        assert.ok(
          leave.every(({ bufferClass }) => wasOver || (hadGuestsOver && bufferClass === 'guest')),
          'nobody is put out below the limit',
        );
        assert.ok(bytesOf(stay) <= limit, 'those who stay keep to the limit');
        assert.ok(guestBytes(stay) <= limit / 2, 'and guests to half of it');
        const leaving = holders.filter(({ isIn, isClosed }) => !isIn && !isClosed);
        assert.ok(bytesOf(leaving) <= limit / 4, 'those who were put out hold a quarter of it at most');
        if (leave.some(({ bufferClass }) => bufferClass === 'operator'))
          assert.ok(
            stay.every(({ held }) => held === 0),
            'the operator is put out last',
          );
        if (holders.every(({ shares }) => shares.length === 0)) {
          const most = Math.max(
            0,
            ...stay.filter(({ bufferClass }) => bufferClass !== 'operator').map(({ own }) => own),
          );
          assert.ok(most <= limit);
        }
      }
    }),
    { numRuns: 500 },
  );
  t.ok(putOut > 100 && destroyed > 10, `${putOut} were put out, and ${destroyed} destroyed`);
});

function budgetOf(): { readonly budget: MemoryBudget; readonly turn: () => void } {
  const { budget, enforce } = enforced(() => limit);
  return { budget, turn: enforce };
}

t.test('those that hold most are put out, and no more of them than need be', async (t) => {
  const { budget, turn } = budgetOf();
  const holders = [1000, 5000, 2000, 3000, 1500].map((bytes) => {
    const holder = new Holder(budget, 'user', 0);
    holder.set(bytes);
    return holder;
  });
  turn();
  t.same(
    holders.map(({ isIn }) => isIn),
    [true, false, true, true, true],
  );
  t.equal(budget.bytes, 7500);
});

t.test('a crowd that waits for the same lines counts them once, and stays when another holds much', async (t) => {
  const { budget, turn } = budgetOf();
  const batch = Buffer.allocUnsafeSlow(4000);
  const crowd = Array.from({ length: 1000 }, () => new Holder(budget, 'user', 0));
  for (const member of crowd) member.share(batch);
  t.equal(budget.bytes, 4000);
  const greedy = new Holder(budget, 'user', 0);
  greedy.set(7000);
  turn();
  t.notOk(greedy.isIn);
  t.ok(crowd.every(({ isIn }) => isIn));
});

t.test('the limit may change while the daemon runs', async (t) => {
  let most = 1000;
  const { budget, enforce, isDue } = enforced(() => most);
  const holder = new Holder(budget, 'user', 0);
  holder.set(1000);
  t.notOk(isDue());
  most = 500;
  holder.set(1001);
  enforce();
  t.notOk(holder.isIn);
  t.equal(budget.limit, 500);
});

t.test('bytes that stay are counted, and do not make those wait who read ahead', async (t) => {
  const { budget, turn } = budgetOf();
  const [member, reader] = [new Holder(budget, 'user', 0), new Holder(budget, 'user', 0)];
  member.account.keep(9000);
  t.equal(budget.bytes, 9000);
  t.ok(budget.hasRoom);
  reader.set(300);
  t.ok(budget.hasRoom);
  reader.set(900);
  turn();
  t.same([member.isIn, reader.isIn, budget.hasRoom], [true, true, false], 'until all of them are near the limit');
  reader.set(1100);
  turn();
  t.same([member.isIn, reader.isIn], [false, true], 'they count where somebody has to be put out');
  member.account.keep(-9000);
  t.equal(budget.bytes, 1100, 'of an account that is closed nothing is taken off twice');
  reader.set(7600);
  t.notOk(budget.hasRoom);
});

t.test('a lower limit holds at once, when it is reported', async (t) => {
  let most = 1000;
  const { budget, enforce } = enforced(() => most);
  const holder = new Holder(budget, 'user', 0);
  holder.set(1000);
  most = 500;
  budget.check();
  enforce();
  t.notOk(holder.isIn);
});

t.test('whoever waits for room is told of a higher limit', async (t) => {
  let most = 1000;
  const { budget, enforce, isDue } = enforced(() => most);
  new Holder(budget, 'user', 0).set(900);
  let told = 0;
  budget.whenRoom(() => (told += 1));
  budget.check();
  t.notOk(isDue());
  most = 2000;
  budget.check();
  enforce();
  t.equal(told, 1);
});

t.test('25 are put out in a turn, those that hold most first', async (t) => {
  const due: (() => void)[] = [];
  const budget = new MemoryBudget(
    () => 0,
    (enforce) => void due.push(enforce),
  );
  const holders = Array.from({ length: 60 }, () => new Holder(budget, 'user', 0));
  for (const [index, holder] of holders.entries()) holder.set(100 * 2 ** (index % 2));
  const left = (): number => holders.filter(({ isIn }) => isIn).length;
  due.shift()?.();
  t.equal(left(), 35);
  t.ok(holders.every(({ isIn, own }) => isIn || own === 0));
  t.equal(holders.filter(({ isIn, own }) => isIn && own === 200).length, 5);
  due.shift()?.();
  due.shift()?.();
  t.equal(left(), 0);
});

/** The least milliseconds that it took to choose among so many, of some tries. */
function leastChoice(t: Test, count: number): number {
  const { budget, enforce } = enforced(() => count * 10_000);
  const holders = Array.from({ length: count }, () => new Holder(budget, 'user', 0));
  for (const [index, holder] of holders.entries()) holder.set(9_000 + ((index * 7919) % 2_000));
  const steps = holders.slice(0, 40).map((next) => {
    next.set(100 * count * 10_000);
    const begun = performance.now();
    enforce();
    const took = performance.now() - begun;
    t.notOk(next.isIn);
    return took;
  });
  return Math.min(...steps);
}

t.test('to choose takes time in proportion to those who are there', async (t) => {
  leastChoice(t, 2000);
  const [few, many] = [leastChoice(t, 2000), leastChoice(t, 20_000)];
  t.ok(many < 40 * few, `${few} and ${many} ms: in proportion to the square it would be a hundred times`);
});

t.test("a guest's bytes count eightfold where somebody has to be put out", async (t) => {
  let most = 10_000;
  const { budget, enforce } = enforced(() => most);
  const holders = [
    { isGuest: false, bytes: 5000 },
    { isGuest: true, bytes: 1000 },
    { isGuest: false, bytes: 3000 },
    { isGuest: true, bytes: 300 },
  ].map(({ isGuest, bytes }) => {
    const holder = new Holder(budget, isGuest ? 'guest' : 'user', 0);
    holder.set(bytes);
    return holder;
  });
  for (const [limit, left] of [
    [9000, [true, false, true, true]],
    [8000, [false, false, true, true]],
    [3200, [false, false, false, true]],
  ] as const) {
    most = limit;
    budget.check();
    enforce();
    t.same(
      holders.map(({ isIn }) => isIn),
      left,
    );
  }
});

t.test('all guests together hold half of the limit at most, and users keep what they have', async (t) => {
  const { budget, turn } = budgetOf();
  const user = new Holder(budget, 'user', 0);
  user.set(4000);
  const guests = [1800, 1400, 1000, 1000].map((bytes) => {
    const guest = new Holder(budget, 'guest', 0);
    guest.set(bytes);
    return guest;
  });
  turn();
  t.same(
    [user, ...guests].map(({ isIn }) => isIn),
    [true, false, true, true, true],
  );
  guests[1]?.account.setClass('user');
  const late = new Holder(budget, 'guest', 0);
  late.set(1601);
  turn();
  t.ok(late.isIn, 'who has logged in is no guest');
  guests[1]?.account.setClass('guest');
  turn();
  t.notOk(late.isIn, 'and is one again');
});

t.test(
  'connections that close hold a quarter of the limit beside it; beyond that those with most are cut off',
  async (t) => {
    const { budget, turn } = budgetOf();
    const [user, ...closing] = [9500, 1300, 1100, 900].map((bytes) => {
      const holder = new Holder(budget, 'user', 0);
      holder.set(bytes);
      return holder;
    });
    for (const { account } of closing) {
      account.setClass('leaving');
      account.setClass('guest');
    }
    turn();
    t.equal(user?.isIn, true);
    t.same(
      closing.map(({ told }) => told),
      [['destroyed'], [], []],
    );
  },
);
