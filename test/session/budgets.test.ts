// The budgets of requests (src/session/budgets.ts): a request is charged to all payers or to none, and the wait that it
// is told is honest.
import fc from 'fast-check';
import t from 'tap';
import { Throttle } from '../../src/accounts/throttle.js';
import { createBudgets } from '../../src/daemon/live-throttle.js';
import { Counters } from '../../src/metrics/counters.js';
import { LiveSettings } from '../../src/ops/settings/live.js';
import { invocation } from '../../src/ops/settings/settings.js';
import { charge, type BudgetName, type Budgets } from '../../src/session/budgets.js';
import type { Requester } from '../../src/session/requester.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import type { CommandSpec } from '../../src/wire/spec.js';
import { budgetNames, budgetsOf } from './budget-names.js';

/** A session of that number. User 0 is none. */
function requester(id: number, user: number, limitKey: string, exempt = false): Requester {
  return {
    id,
    peer: { address: limitKey, limitKey, confidential: true, encrypted: false, exempt },
    state:
      user === 0
        ? { kind: 'guest' }
        : { kind: 'user', user: { id: user, name: `user${user}`, key: `user${user}` }, members: new Map() },
    gone: false,
    logFields: {},
  };
}

const sizes: Readonly<Record<BudgetName, number>> = { message: 4, password: 3, session: 30, user: 40, address: 50 };

const makeBudgets = (): Budgets => budgetsOf((name) => new Throttle(sizes[name], 600));

/** Whom the budgets know that requester by. */
function payers({ id, state, peer }: Requester): readonly (readonly [BudgetName, string | number])[] {
  return [
    ['message', id],
    ['session', id],
    ['password', peer.limitKey],
    ['address', peer.limitKey],
    ...(state.kind === 'user' ? [['user', state.user.id] as const] : []),
  ];
}

/** What each payer of the requester has to wait for a full bucket. */
const state = (budgets: Budgets, of: Requester, now: number): readonly number[] =>
  payers(of).map(([name, payer]) => budgets[name].wait(payer, now, sizes[name]));

const specs: readonly CommandSpec[] = Object.values(commandSpecs);

const sent = fc.array(
  fc.record({
    id: fc.integer({ min: 1, max: 4 }),
    spec: fc.constantFrom(...specs),
    passed: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2000 })),
  }),
  { maxLength: 80 },
);

/** Sessions 1 and 2 are of one user, 3 of another, 4 of a guest. 1 and 4 share an address. */
const sessions = [requester(1, 1, 'a'), requester(2, 1, 'b'), requester(3, 2, 'b'), requester(4, 0, 'a')];

t.test('a request that is refused costs nobody anything, and passes after the wait that it was told', async () => {
  fc.assert(
    fc.property(sent, (all) => {
      const budgets = makeBudgets();
      const counters = new Counters();
      let now = 1000;
      for (const { id, spec, passed } of all) {
        now += passed;
        const one = sessions[id - 1] ?? requester(1, 1, 'a');
        const before = state(budgets, one, now);
        const refused = charge(budgets, spec, one, now, counters);
        if (refused === undefined) continue;
        if (String(state(budgets, one, now)) !== String(before)) throw new Error('a refused request was charged');
        now += refused.retry_after ?? NaN;
        const again = charge(budgets, spec, one, now, counters);
        if (again !== undefined) throw new Error(`told to wait ${refused.retry_after}, then ${again.retry_after} more`);
      }
    }),
  );
});

t.test('nobody gets more than the bucket and what comes into it, however many sessions ask', async () => {
  fc.assert(
    fc.property(sent, (all) => {
      const budgets = makeBudgets();
      const counters = new Counters();
      const spent = new Map<string, number>();
      let now = 1000;
      for (const { id, spec, passed } of all) {
        now += passed;
        const one = sessions[id - 1] ?? requester(1, 1, 'a');
        if (charge(budgets, spec, one, now, counters) !== undefined) continue;
        for (const [name, payer] of payers(one)) {
          const isOwn = name === 'message' || name === 'password';
          const tokens = isOwn ? Number(spec.budget === name) : (spec.cost ?? 0);
          const key = `${name} ${payer}`;
          const sum = (spent.get(key) ?? 0) + tokens;
          spent.set(key, sum);
          // 600 a minute are 10 a second.
          if (sum > sizes[name] + (now - 1000) / 100 + 0.01) throw new Error(`${key} got ${sum} by ${now}`);
        }
      }
    }),
  );
});

t.test(
  'the sessions of a user share its budget, those of an address theirs, and others are not affected',
  async (t) => {
    const counters = new Counters();
    const ask = (budgets: Budgets, one: Requester): number | undefined =>
      charge(budgets, commandSpecs.join_chatroom, one, 0, counters)?.code;
    const byUser = budgetsOf((name) => new Throttle(name === 'user' ? 10 : 1000, 1));
    t.same(
      [requester(1, 1, 'a'), requester(2, 1, 'b'), requester(3, 2, 'b'), requester(4, 0, 'a')].map((one) =>
        ask(byUser, one),
      ),
      [undefined, 14, undefined, undefined],
    );
    const byAddress = budgetsOf((name) => new Throttle(name === 'address' ? 10 : 1000, 1));
    t.same(
      [requester(1, 1, 'a'), requester(2, 2, 'a'), requester(3, 0, 'a'), requester(4, 1, 'b')].map((one) =>
        ask(byAddress, one),
      ),
      [undefined, 14, 14, undefined],
    );
    t.same(
      [...counters.limited],
      [
        ['cost_per_second_per_user', 1],
        ['cost_per_second_per_address', 2],
      ],
    );
  },
);

t.test('a bot that joins 500 rooms at its start, and asks what was said in each, meets no default', async (t) => {
  const asked = invocation([], {}, 'test');
  if (asked.kind !== 'run') throw new Error(JSON.stringify(asked));
  const budgets = createBudgets(new LiveSettings(asked.settings));
  const counters = new Counters();
  const bot = requester(1, 1, 'a');
  for (let room = 0; room < 500; room += 1)
    for (const spec of [commandSpecs.join_chatroom, commandSpecs.chatroom_history])
      t.equal(charge(budgets, spec, bot, 0, counters), undefined);
  for (let id = 2; id < 40; id += 1)
    for (let each = 0; each < 100; each += 1)
      t.equal(charge(budgets, commandSpecs.join_chatroom, requester(id, id, 'a'), 0, counters), undefined);
});

t.test('who is exempt pays nothing, and quit is free', async (t) => {
  const budgets = budgetsOf(() => new Throttle(1, 1));
  const counters = new Counters();
  for (let each = 0; each < 10; each += 1) {
    t.equal(charge(budgets, commandSpecs.chatroom_message, requester(1, 1, 'a', true), 0, counters), undefined);
  }
  t.same(
    budgetNames.map((name) => budgets[name].size),
    [0, 0, 0, 0, 0],
  );
  for (let each = 0; each < 10; each += 1)
    t.equal(charge(budgets, commandSpecs.quit, requester(2, 1, 'a'), 0, counters), undefined);
});
