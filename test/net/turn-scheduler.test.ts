// Tests how requests share the turns of the event loop, on a clock that only requests move: users go before guests, but
// do not stop them; inside a class addresses, users and sessions take turns; and every request is carried out once.
import * as fc from 'fast-check';
import t from 'tap';
import { FairQueue } from '../../src/turns/fair-queue.js';
import type { SecondWork } from '../../src/loop/turn-end.js';
import type { Payer, PayerClass } from '../../src/turns/payer.js';
import { TurnScheduler, type Step, type TurnTaker } from '../../src/net/turn-scheduler.js';

/** A clock, and the callbacks for the end of the turn. */
class Loop {
  time = 0;
  #deferred: SecondWork[] = [];
  readonly now = (): number => this.time;
  readonly defer = (run: SecondWork): void => void this.#deferred.push(run);

  get awaits(): boolean {
    return this.#deferred.length > 0;
  }

  /**
   * @param part of its time that the turn has left
   * @param isBehind whether lines for users wait
   */
  endTurn(part = 1, isBehind = false): void {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const run of deferred) run(part, isBehind);
  }
}

/** A session with requests of some milliseconds each. */
class Session implements TurnTaker, Payer {
  readonly session = this;
  payerUser: string;
  waits = false;
  spent = 0;
  #done = 0;
  full = false;
  /** Milliseconds that it takes to be told of the end of its turn. */
  toTell = 0;

  constructor(
    readonly loop: Loop,
    public payerClass: PayerClass,
    readonly payerAddress: string,
    readonly requests: readonly number[],
  ) {
    this.payerUser = payerClass === 'guest' ? '' : payerAddress;
  }

  get left(): number {
    return this.requests.length - this.#done;
  }

  step(): Step {
    if (this.full) return 'full';
    const cost = this.requests[this.#done];
    if (cost === undefined) return 'none';
    this.#done += 1;
    this.loop.time += cost;
    this.spent += cost;
    return 'carried out';
  }

  turnEnded(waits: boolean): void {
    this.waits = waits;
    this.loop.time += this.toTell;
  }
}

function many(loop: Loop, payerClass: PayerClass, address: string, count: number, cost: number): Session {
  return new Session(loop, payerClass, address, Array<number>(count).fill(cost));
}

const classNames = ['operator', 'user', 'guest'] as const;
const costs = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 30 });
const sessions = fc.array(
  fc.record({ payerClass: fc.constantFrom(...classNames), address: fc.constantFrom('a', 'b', 'c'), costs }),
  { maxLength: 12 },
);

t.test('requests are carried out at once where nobody waits, and nothing is awaited for a few of them', async (t) => {
  const loop = new Loop();
  const scheduler = new TurnScheduler<Session>(loop);
  const alice = many(loop, 'user', 'a', 3, 0.02);
  t.notOk(scheduler.carryOut(alice));
  t.equal(alice.left, 0);
  t.notOk(loop.awaits);
});

t.test('every request is carried out once, in the order of its session, and then nothing is awaited', async () => {
  fc.assert(
    fc.property(sessions, (all) => {
      const loop = new Loop();
      const scheduler = new TurnScheduler<Session>(loop);
      const items = all.map(({ payerClass, address, costs }) => new Session(loop, payerClass, address, costs));
      for (const item of items) item.waits = scheduler.carryOut(item);
      for (let turns = 0; loop.awaits; turns += 1) {
        if (turns > 1000) throw new Error('a turn without an end');
        loop.endTurn();
      }
      return items.every(({ left, waits }) => left === 0 && !waits);
    }),
  );
});

t.test('a turn takes eight milliseconds, and no more beyond them than each class has begun', async () => {
  fc.assert(
    fc.property(sessions, fc.double({ min: 0.01, max: 2, noNaN: true }), (all, longest) => {
      const loop = new Loop();
      const scheduler = new TurnScheduler<Session>(loop);
      for (const { payerClass, address, costs } of all) {
        const requests = costs.map((cost) => Math.min(cost, longest));
        scheduler.carryOut(new Session(loop, payerClass, address, requests));
      }
      while (loop.awaits) {
        const begun = loop.time;
        loop.endTurn();
        if (loop.time - begun > 8 + 3 * (0.25 + longest)) return false;
      }
      return true;
    }),
  );
});

for (const [name, waiting, wanted] of [
  ['users have three quarters of the time and guests a quarter', ['user', 'guest'], { user: 0.75, guest: 0.25 }],
  [
    'operators leave users as much as they take',
    ['operator', 'user', 'guest'],
    { operator: 0.375, user: 0.375, guest: 0.25 },
  ],
] as const) {
  t.test(name, async (t) => {
    for (const [cost, milliseconds] of [
      [0.05, 8],
      [0.1, 8],
      [0.7, 8],
      [2.5, 8],
      [0.1, 24],
    ] as const) {
      const requests = Array<number>(60_000).fill(cost);
      const loop = new Loop();
      const scheduler = new TurnScheduler<Session>(loop, milliseconds);
      // Guests are many more, and came first.
      const all = [...waiting]
        .reverse()
        .flatMap((each) =>
          Array.from(
            { length: each === 'guest' ? 50 : 2 },
            (_, index) => new Session(loop, each, `${index}`, requests),
          ),
        );
      for (const each of all) scheduler.carryOut(each);
      loop.endTurn();
      const begun = loop.time;
      for (const each of all) each.spent = 0;
      for (let turns = 0; turns < 100; turns += 1) loop.endTurn();
      t.ok(Math.abs((loop.time - begun) / 100 - milliseconds) < 1, `a turn takes ${(loop.time - begun) / 100} ms`);
      for (const [payerClass, share] of Object.entries(wanted)) {
        const mine = all.filter((each) => each.payerClass === payerClass);
        const part = mine.reduce((sum, { spent }) => sum + spent, 0) / (loop.time - begun);
        t.ok(Math.abs(part - share) < 0.12, `${payerClass}s have ${part.toFixed(2)} with requests of ${cost} ms`);
      }
    }
  });
}

t.test('a class has the whole turn where no other waits, and else all but what is theirs', async (t) => {
  for (const [guests, wanted] of [
    [0, 5],
    [1, 3.75],
  ] as const) {
    const loop = new Loop();
    const scheduler = new TurnScheduler<Session>(loop);
    for (let guest = 0; guest < guests; guest += 1) scheduler.carryOut(many(loop, 'guest', 'a', 1000, 0.25));
    const users = Array.from({ length: 100 }, () => many(loop, 'user', 'b', 1, 0.125));
    for (const each of users) each.waits = scheduler.carryOut(each);
    const spent = (): number => users.reduce((sum, each) => sum + each.spent, 0);
    t.equal(spent(), 1, 'at once');
    loop.endTurn();
    t.equal(spent(), wanted, 'in all');
  }
});

t.test('guests have a quarter of their share while lines for users wait', async (t) => {
  for (const withUsers of [true, false]) {
    const loop = new Loop();
    const scheduler = new TurnScheduler<Session>(loop);
    const users = withUsers ? [many(loop, 'user', 'user', 20_000, 0.05)] : [];
    const guests = Array.from({ length: 50 }, (_, at) => many(loop, 'guest', `${at}`, 10_000, 0.05));
    const spent = (): number => guests.reduce((sum, guest) => sum + guest.spent, 0);
    for (const each of [...users, ...guests]) scheduler.carryOut(each);
    const took = [false, true, false].map((isBehind) => {
      for (let turn = 0; turn < 4; turn += 1) loop.endTurn(1, isBehind);
      const before = spent();
      for (let turn = 0; turn < 100; turn += 1) loop.endTurn(1, isBehind);
      return (spent() - before) / 100;
    });
    for (const [at, expected] of [1.25, 1.25 / 4, 1.25].entries())
      t.ok(Math.abs((took[at] ?? 0) - expected) < 0.1, `${took[at]} ms a turn, with users: ${withUsers}`);
  }
});

t.test('a turn that has read for long carries out less, and each class has its part of that', async (t) => {
  for (const part of [0.8, 0.4, 0.2]) {
    const loop = new Loop();
    const scheduler = new TurnScheduler<Session>(loop);
    const users = Array.from({ length: 5 }, (_, at) => many(loop, 'user', `${at}`, 10_000, 0.05));
    const guests = Array.from({ length: 50 }, (_, at) => many(loop, 'guest', `${at}`, 10_000, 0.05));
    for (const each of [...users, ...guests]) scheduler.carryOut(each);
    loop.endTurn(part);
    for (const each of [...users, ...guests]) each.spent = 0;
    const begun = loop.time;
    for (let turn = 0; turn < 100; turn += 1) loop.endTurn(part);
    const took = (loop.time - begun) / 100;
    t.ok(Math.abs(took - 5 * part) < 0.4, `${took} ms in ${part} of a turn`);
    const ofGuests = guests.reduce((sum, { spent }) => sum + spent, 0) / (loop.time - begun);
    t.ok(ofGuests > 0.15 && ofGuests < 0.45, `guests have ${ofGuests} of it`);
  }
});

t.test('the time in which sessions are told of the ends of their turns counts', async (t) => {
  const loop = new Loop();
  const scheduler = new TurnScheduler<Session>(loop);
  const all = Array.from({ length: 200 }, (_, at) => many(loop, 'user', `${at}`, 1, 0.05));
  for (const each of all) {
    each.toTell = 0.1;
    each.waits = scheduler.carryOut(each);
  }
  const begun = loop.time;
  loop.endTurn();
  t.ok(loop.time - begun < 4.5, `${loop.time - begun} ms beside one at once`);
  while (loop.awaits) loop.endTurn();
  t.ok(all.every(({ waits }) => !waits));
});

t.test('guests have a quarter of a turn and no more, also while nobody else wants anything', async (t) => {
  for (const [cost, milliseconds] of [
    [0.05, 5],
    [0.4, 5],
    [2.5, 5],
    [0.1, 24],
  ] as const) {
    const loop = new Loop();
    const scheduler = new TurnScheduler<Session>(loop, milliseconds);
    const guests = Array.from({ length: 50 }, (_, at) => many(loop, 'guest', `${at % 20}`, 10_000, cost));
    for (const guest of guests) scheduler.carryOut(guest);
    t.ok(loop.time <= milliseconds / 4 + 0.25 + cost, `${loop.time} ms at once`);
    const [begun, turns] = [loop.time, 100];
    for (let turn = 0; turn < turns; turn += 1) {
      const before = loop.time;
      loop.endTurn();
      if (loop.time - before > milliseconds / 4 + 0.25 + cost) t.fail(`a turn of ${loop.time - before} ms`);
      t.ok(loop.awaits);
    }
    // A request that takes longer than that is a part of the next turns' time.
    const each = (loop.time - begun) / turns;
    t.ok(Math.abs(each - Math.max(milliseconds / 4, cost / 2)) < 0.3, `a turn takes ${each} ms with ${cost} ms each`);
  }
});

t.test("a user's request is carried out before the rest of what a thousand guests have sent", async (t) => {
  const loop = new Loop();
  const scheduler = new TurnScheduler<Session>(loop);
  const guests = Array.from({ length: 1000 }, () => many(loop, 'guest', 'a', 1000, 0.05));
  for (const guest of guests) scheduler.carryOut(guest);
  const alice = many(loop, 'user', 'a', 1, 0.05);
  t.notOk(scheduler.carryOut(alice), 'at once, though guests wait');
  t.equal(alice.left, 0);
});

t.test('whoever is removed gets no turn, and a session that logs in waits as a user', async (t) => {
  const loop = new Loop();
  const scheduler = new TurnScheduler<Session>(loop);
  const [gone, comes] = [many(loop, 'guest', 'a', 1000, 0.3), many(loop, 'guest', 'b', 1000, 0.3)];
  for (const each of [gone, comes]) scheduler.carryOut(each);
  const left = gone.left;
  scheduler.remove(gone);
  comes.payerClass = 'user';
  for (let turns = 0; turns < 3; turns += 1) loop.endTurn();
  const others = many(loop, 'guest', 'c', 1000, 0.3);
  t.equal(gone.left, left);
  others.waits = scheduler.carryOut(others);
  const [before, beforeOthers] = [comes.spent, others.spent];
  for (let turns = 0; turns < 10; turns += 1) loop.endTurn();
  t.ok(comes.spent - before > 2 * (others.spent - beforeOthers), 'it has more than guests');
});

t.test('a thousand that come at once join the queue at the ends of turns, a few before each turn', async (t) => {
  const joined: unknown[] = [];
  const add = Reflect.get(FairQueue.prototype, 'add') as FairQueue<unknown>['add'];
  FairQueue.prototype.add = function (this: FairQueue<unknown>, item, payer) {
    joined.push(item);
    add.call(this, item, payer);
  };
  t.teardown(() => {
    FairQueue.prototype.add = add;
  });
  const loop = new Loop();
  const scheduler = new TurnScheduler<Session>(loop);
  const all = Array.from({ length: 1000 }, (_, at) => many(loop, 'user', `a${at % 50}`, 1, 0.2));
  for (const each of all) each.waits = scheduler.carryOut(each);
  const waiting = all.filter(({ waits }) => waits);
  t.equal(waiting.length, 995, 'some are carried out at once');
  t.equal(joined.length, 0);
  const [gone, guest] = [waiting[5], waiting.at(-1)];
  if (gone === undefined || guest === undefined) throw new Error('nobody waits');
  scheduler.remove(gone);
  guest.payerClass = 'guest';
  const tooMany: number[] = [];
  while (loop.awaits) {
    loop.endTurn();
    const done = waiting.filter(({ left }) => left === 0).length;
    if (joined.length > 16 * done) tooMany.push(joined.length);
  }
  t.same(tooMany, []);
  t.equal(new Set(joined).size, 994);
  t.equal(gone.left, 1, 'whoever was removed before it joined has no turn');
  t.notOk(guest.waits, 'whoever is of another class by then has its turn in that');
});

t.test('a session whose replies have to be written first is asked once a turn', async (t) => {
  const loop = new Loop();
  const scheduler = new TurnScheduler<Session>(loop);
  const alice = many(loop, 'user', 'a', 2, 0.01);
  alice.full = true;
  t.ok(scheduler.carryOut(alice));
  loop.endTurn();
  t.ok(alice.waits);
  t.ok(loop.awaits);
  alice.full = false;
  loop.endTurn();
  t.notOk(alice.waits);
  t.notOk(loop.awaits);
  t.equal(alice.left, 0);
});

t.test('whoever waits has a turn however often others come again', async (t) => {
  const queue = new FairQueue<string>();
  const add = (id: string): void => queue.add(id, { payerAddress: id.slice(0, 1), payerUser: '' });
  add('a1');
  add('a2');
  add('b');
  const order: string[] = [];
  for (let times = 0; times < 8; times += 1) {
    const id = queue.next() ?? '';
    order.push(id);
    queue.delete(id);
    add(id);
  }
  t.same(order, ['a1', 'b', 'a2', 'b', 'a1', 'b', 'a2', 'b']);
});

t.test('between two turns of an address each other one has one, and so it is with users and sessions', async () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const command = fc.oneof(
    { weight: 2, arbitrary: fc.record({ address: name, user: name, session: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ leaves: fc.nat(40) }) },
    { weight: 3, arbitrary: fc.constant('next' as const) },
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
      const queue = new FairQueue<string>();
      const waiting = new Map<string, { address: string; user: string }>();
      for (const each of commands) {
        if (each === 'next') {
          const id = queue.next();
          if ((id === undefined) !== (waiting.size === 0)) return false;
        } else if ('leaves' in each) {
          const id = [...waiting.keys()][each.leaves];
          if (id === undefined) continue;
          waiting.delete(id);
          queue.delete(id);
        } else {
          const { address, user, session } = each;
          const id = `${address}/${user}/${session}`;
          if (waiting.has(id)) continue;
          waiting.set(id, { address, user });
          queue.add(id, { payerAddress: address, payerUser: user });
        }
        if (queue.size !== waiting.size) return false;
      }
      // From here on nobody comes or leaves: a round visits every address once, and so on inside.
      const addresses = new Set([...waiting.values()].map(({ address }) => address));
      const visits: string[] = [];
      for (let visit = 0; visit < 64 * addresses.size; visit += 1) visits.push(queue.next() ?? '');
      const fair = (ids: readonly string[], keyOf: (id: string) => string | undefined, expected: number): boolean =>
        ids.every((id, at) => {
          const again = ids.findIndex((other, place) => place > at && keyOf(other) === keyOf(id));
          return again === -1 || again - at === expected;
        });
      const partOf = (place: number) => (id: string) => id.split('/')[place];
      return (
        fair(visits, partOf(0), addresses.size) &&
        [...addresses].every((address) => {
          const here = visits.filter((id) => id.startsWith(`${address}/`));
          const users = new Set(here.map(partOf(1)));
          return fair(here, partOf(1), users.size);
        })
      );
    }),
  );
});
