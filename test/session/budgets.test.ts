// The budgets of requests (src/session/budgets.ts): a request is charged to all payers or to none, the wait that it is
// told is honest, and those who share a budget take turns.
import fc from 'fast-check';
import t from 'tap';
import { Throttle } from '../../src/accounts/throttle.js';
import { PrivateConversation } from '../../src/chat/private-conversations.js';
import { createBudgets } from '../../src/daemon/live-throttle.js';
import { Counters } from '../../src/metrics/counters.js';
import { LiveSettings } from '../../src/ops/settings/live.js';
import { invocation } from '../../src/ops/settings/settings.js';
import {
  charge,
  chargeFailure,
  chargeInTime,
  chargeForRecord,
  chargeMore,
  type BudgetName,
  type Budgets,
  type BudgetServices,
} from '../../src/session/budgets.js';
import { unlessKnown, type KeyedStore } from '../../src/session/known-key.js';
import type { Requester } from '../../src/session/requester.js';
import type { UserRecord } from '../../src/store/directory.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { refusal } from '../../src/wire/refusal.js';
import type { AnyRequest } from '../../src/wire/request.js';
import type { CommandSpec } from '../../src/wire/spec.js';
import { verbatim } from '../../src/wire/words.js';
import { newRoom } from '../support/room.js';
import { budgetsOf, lookupsAtOnce } from './budget-names.js';

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

const sizes: Readonly<Record<BudgetName, number>> = {
  message: 4,
  password: 3,
  session: 30,
  user: 40,
  address: 50,
  guests: 20,
};

/** The most that a request may owe: what the dearest command costs, less the token that it needs. */
const debt = Math.max(...Object.values(commandSpecs).map(({ cost = 0 }) => cost)) - 1;

/** A throttle that counts what is taken. */
class Counting extends Throttle {
  spent = 0;

  override spend(key: string | number, now: number, tokens = 1): void {
    this.spent += tokens;
    super.spend(key, now, tokens);
  }
}

/** Budgets of `sizes` that get ten tokens a second, and a clock that the test moves. */
class Scene implements BudgetServices {
  time = 1000;
  readonly counters = new Counters();
  readonly throttles = new Map<BudgetName, Counting>();
  readonly budgets: Budgets;
  readonly now = (): number => this.time;

  constructor(sizeOf: (name: BudgetName) => number = (name) => sizes[name], perMinute = 600) {
    this.budgets = budgetsOf((name) => {
      const throttle = new Counting(sizeOf(name), perMinute);
      this.throttles.set(name, throttle);
      return throttle;
    });
  }

  /** What was taken from the budgets that nobody shares. */
  get spentAlone(): readonly (number | undefined)[] {
    return (['message', 'password', 'session', 'user'] as const).map((name) => this.throttles.get(name)?.spent);
  }

  /** Charges a request. Answers the wait of the refusal, 0 for none. */
  ask(one: Requester, spec: CommandSpec = commandSpecs.ping): number {
    return charge(this, spec, one)?.retry_after ?? 0;
  }
}

/** Whom the budgets know that requester by. */
function payers({ id, state, peer }: Requester): readonly (readonly [BudgetName, string | number])[] {
  return [
    ['message', id],
    ['session', id],
    ['password', peer.limitKey],
    ...(state.kind === 'user'
      ? ([
          ['user', state.user.id],
          ['address', peer.limitKey],
        ] as const)
      : ([['guests', peer.limitKey]] as const)),
  ];
}

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

t.test('a request that is refused costs its session and its user nothing, and passes after the wait', async () => {
  fc.assert(
    fc.property(sent, (all) => {
      const scene = new Scene();
      for (const { id, spec, passed } of all) {
        scene.time += passed;
        const one = sessions[id - 1] ?? requester(1, 1, 'a');
        const before = String(scene.spentAlone);
        const wait = scene.ask(one, spec);
        if (wait === 0) continue;
        if (String(scene.spentAlone) !== before) throw new Error('a refused request was charged');
        scene.time += wait;
        const again = scene.ask(one, spec);
        if (again !== 0) throw new Error(`told to wait ${wait}, then ${again} more`);
      }
    }),
  );
});

t.test('nobody gets more than the bucket, what comes into it and one debt, however many sessions ask', async () => {
  fc.assert(
    fc.property(sent, (all) => {
      const scene = new Scene();
      const spent = new Map<string, number>();
      for (const { id, spec, passed } of all) {
        scene.time += passed;
        const one = sessions[id - 1] ?? requester(1, 1, 'a');
        if (scene.ask(one, spec) > 0) continue;
        for (const [name, payer] of payers(one)) {
          const isOwn = name === 'message' || name === 'password';
          const tokens = isOwn ? Number(spec.budget === name) : (spec.cost ?? 0);
          const key = `${name} ${payer}`;
          const sum = (spent.get(key) ?? 0) + tokens;
          spent.set(key, sum);
          // Of those who share a bucket each may owe something.
          const debts = isOwn ? 0 : name === 'address' ? 2 * debt : debt;
          // 600 a minute are 10 a second.
          const most = sizes[name] + (scene.time - 1000) / 100 + debts + 0.01;
          if (sum > most) throw new Error(`${key} got ${sum} by ${scene.time}`);
        }
      }
    }),
  );
});

t.test('the sessions of a user share its budget, the users of an address theirs, and its guests theirs', async (t) => {
  const asking = (scarce: BudgetName, all: readonly Requester[]): readonly unknown[] => {
    const scene = new Scene((name) => (name === scarce ? 10 : 1000), 1);
    const codes = all.map((one) => charge(scene, commandSpecs.join_chatroom, one)?.code);
    return [codes, [...scene.counters.limited]];
  };
  t.same(asking('user', sessions), [[undefined, 14, undefined, undefined], [['cost_per_second_per_user', 1]]]);
  const atA = [requester(1, 1, 'a'), requester(2, 2, 'a'), requester(3, 0, 'a'), requester(4, 1, 'b')];
  t.same(asking('address', atA), [[undefined, 14, undefined, undefined], [['cost_per_second_per_address', 1]]]);
  const guests = [requester(1, 0, 'a'), requester(2, 0, 'a'), requester(3, 1, 'a'), requester(4, 0, 'b')];
  t.same(asking('guests', guests), [[undefined, 14, undefined, undefined], [['cost_per_second_per_address', 1]]]);
});

/** Sessions that each ask for a ping every millisecond, whatever they are told, for a second. Counts what each got. */
function hammer(scene: Scene, greedy: readonly Requester[], meanwhile: () => void): readonly number[] {
  const got = greedy.map(() => 0);
  for (let end = scene.time + 1000; scene.time < end; scene.time += 1) {
    for (const [at, one] of greedy.entries()) if (scene.ask(one) === 0) got[at] = (got[at] ?? 0) + 1;
    meanwhile();
  }
  return got;
}

for (const [who, shared, user] of [
  ['users', 'address', (id: number) => id],
  ['guests', 'guests', () => 0],
] as const)
  t.test(
    `${who} of an address whose budget is spent take turns, and dear commands pass as cheap ones do`,
    async (t) => {
      // A hundred tokens a second.
      const scene = new Scene((name) => (name === shared ? 100 : 100_000), 6000);
      const greedy = Array.from({ length: 9 }, (_, at) => requester(at + 1, user(at + 1), 'a'));
      hammer(scene, greedy, () => undefined);
      const polite = requester(20, user(20), 'a');
      let [joins, refusals, next] = [0, 0, scene.time];
      const got = hammer(scene, greedy, () => {
        if (scene.time < next) return;
        const wait = scene.ask(polite, commandSpecs.join_chatroom);
        if (wait > 0) refusals += 1;
        else joins += 1;
        next = scene.time + wait;
      });
      // A round is nine pings and a join: 19 tokens, 190 ms.
      t.ok(joins >= 5, `${joins} joins`);
      t.ok(refusals <= joins + 1, `${refusals} refusals: who waited as told was not refused again`);
      t.ok(Math.max(...got) - Math.min(...got) <= 1, `the others took turns: ${got.join(' ')}`);
    },
  );

t.test('guests never spend what the users of their address need', async (t) => {
  const scene = new Scene((name) => (name === 'guests' ? 250 : name === 'address' ? 1000 : 100_000), 6000);
  const guests = Array.from({ length: 12 }, (_, at) => requester(at + 1, 0, 'a'));
  const user = requester(20, 1, 'a');
  let refused = 0;
  const got = hammer(
    scene,
    guests,
    () => (refused += Number(scene.time % 10 === 0 && scene.ask(user, commandSpecs.ping) > 0)),
  );
  t.equal(refused, 0);
  const sum = got.reduce((all, each) => all + each, 0);
  t.ok(sum < 250 + 100 + guests.length, `${sum} pings`);
  t.equal(scene.throttles.get('address')?.spent, sum + 100, 'the address pays for its guests too');
});

t.test('the dear commands of a session do not wait behind the cheap ones of its user', async (t) => {
  const scene = new Scene((name) => (name === 'user' ? 10 : 100_000), 6000);
  hammer(scene, [requester(1, 1, 'a'), requester(2, 1, 'a')], () => undefined);
  const dear = requester(3, 1, 'a');
  scene.ask(dear);
  const wait = scene.ask(dear, commandSpecs.join_chatroom);
  t.ok(wait > 0 && wait <= 10, `one token, not ten: ${wait} ms`);
  scene.time += wait;
  t.equal(scene.ask(dear, commandSpecs.join_chatroom), 0);
});

t.test('what may not be refused waits until it can be charged, and is not charged after the end', async (t) => {
  // A token each millisecond.
  const scene = new Scene((name) => (name === 'session' ? 10 : 1000), 60_000);
  const { budgets, counters } = scene;
  // The clock stands still while this process has no processor: then no token would be waited for. It also keeps the
  // process alive, which the timers that are tested do not.
  let time = 0;
  const clock = setInterval(() => (time += 1), 1);
  t.teardown(() => clearInterval(clock));
  const services = { budgets, counters, now: () => time };
  const one = requester(1, 1, 'a');
  for (let page = 0; page < 3; page += 1) await chargeInTime(services, commandSpecs.chatroom_history, one);
  t.equal(scene.throttles.get('session')?.spent, 30);
  t.ok((counters.limited.get('cost_per_second') ?? 0) >= 2, 'the second and the third page waited');
  await chargeInTime(services, commandSpecs.chatroom_history, { ...one, gone: true });
  await chargeInTime(services, commandSpecs.chatroom_history, one, () => true);
  await chargeInTime(services, commandSpecs.chatroom_history, requester(2, 1, 'a', true));
  t.equal(scene.throttles.get('session')?.spent, 30);
});

t.test('a bot that joins 500 rooms at its start, and asks what was said in each, meets no default', async (t) => {
  const asked = invocation([], {}, 'test');
  if (asked.kind !== 'run') throw new Error(JSON.stringify(asked));
  const services = { budgets: createBudgets(new LiveSettings(asked.settings)), counters: new Counters(), now: () => 0 };
  const bot = requester(1, 1, 'a');
  for (let room = 0; room < 500; room += 1)
    for (const spec of [commandSpecs.join_chatroom, commandSpecs.chatroom_history])
      t.equal(charge(services, spec, bot), undefined);
  for (let id = 2; id < 40; id += 1)
    for (let each = 0; each < 100; each += 1)
      t.equal(charge(services, commandSpecs.join_chatroom, requester(id, id, 'a')), undefined);
});

t.test('who is exempt pays nothing, and quit is free', async (t) => {
  const scene = new Scene(() => 1, 1);
  const exempt = requester(1, 1, 'a', true);
  for (let each = 0; each < 10; each += 1) t.equal(scene.ask(exempt, commandSpecs.chatroom_message), 0);
  t.ok([...scene.throttles.values()].every(({ size }) => size === 0));
  for (let each = 0; each < 10; each += 1) t.equal(scene.ask(requester(2, 1, 'a'), commandSpecs.quit), 0);
});

t.test('what a request costs beyond its spec is owed by all who pay, and refuses the next one', async (t) => {
  const scene = new Scene();
  const one = requester(1, 1, 'a');
  t.equal(charge(scene, commandSpecs.mark_read, one), undefined);
  chargeMore(scene, 0, one);
  chargeMore(scene, 100, one);
  for (const name of ['session', 'user', 'address'] as const)
    t.equal(scene.throttles.get(name)?.spent, 102, `of the ${name}`);
  t.match(charge(scene, commandSpecs.mark_read, one), { code: 14 });
  chargeMore(scene, 100, requester(2, 2, 'b', true));
  chargeMore(scene, 100, requester(3, 0, 'c'));
  t.equal(scene.throttles.get('session')?.spent, 102, 'nobody else does');
  const bans = new Map(Array.from({ length: 120 }, (_, user) => [user, Infinity]));
  chargeForRecord(scene, { roles: new Map([[1, 'owner']]), bans }, one);
  chargeForRecord(scene, { roles: new Map([[1, 'owner']]), bans: new Map() }, one);
  t.equal(scene.throttles.get('session')?.spent, 104, 'a big record of a room costs as much as it takes');
});

t.test('a key that is looked up pays for a big record of a room that is not here', async (t) => {
  const scene = new Scene();
  const bans = new Map(Array.from({ length: 450 }, (_, user) => [user, Infinity]));
  const record = { ...newRoom('lobby').record, bans };
  const store: KeyedStore = {
    directory: { findRoom: async () => record, findUser: async () => undefined },
    conversations: { find: async () => undefined },
    log: { findKeyed: async () => undefined },
  };
  const request = { spec: commandSpecs.post_message, parameters: { room: 'lobby', message: 'again', key: 'k' } };
  const refused = refusal('not_permitted', verbatim('no'));
  const { budgets, counters, now } = scene;
  const services = { ...lookupsAtOnce, budgets, counters, now, store };
  t.equal(await unlessKnown(refused, request as AnyRequest, requester(1, 1, 'a'), undefined, services), refused);
  t.equal(scene.throttles.get('session')?.spent, 9);
});

t.test('the key of a private message that is stored and not shown yet is not answered', async (t) => {
  const { budgets, counters, now } = new Scene();
  const alice = { id: 1, name: 'alice', key: 'alice' };
  const log = { id: 2 ** 40, head: 4 };
  const conversation = new PrivateConversation(log, [alice, alice]);
  let inUse: PrivateConversation | undefined = conversation;
  const store: KeyedStore = {
    directory: { findRoom: async () => undefined, findUser: async () => ({ id: 2 }) as UserRecord },
    conversations: { find: async () => log.id },
    log: { findKeyed: async () => ({ id: 5, text: 'hi', kind: 'text', about: 0 }) },
  };
  const request = { spec: commandSpecs.direct_message, parameters: { to: 'bob', message: 'hi', key: 'k' } };
  const refused = refusal('rate_limited', verbatim('no'));
  const conversations = { ofLog: () => inUse };
  const services = { ...lookupsAtOnce, conversations, budgets, counters, now, store };
  const ask = async (): Promise<unknown> =>
    unlessKnown(refused, request as AnyRequest, requester(1, 1, 'a'), undefined, services);
  t.equal(await ask(), refused, 'its id would come before the events of smaller ids');
  log.head = 5;
  const answer = { results: { id: 5, prev: 4, duplicate: true } };
  t.same(await ask(), answer);
  [log.head, inUse] = [4, undefined];
  t.same(await ask(), answer, 'nobody is shown messages of a conversation that is not in use');
});

t.test('a failed login takes one password attempt of its address, whoever is exempt not', async (t) => {
  const spent: unknown[] = [];
  const services = {
    now: () => 7,
    budgets: { password: { spend: (...words: readonly unknown[]) => void spent.push(words) } },
  } as unknown as Pick<BudgetServices, 'budgets' | 'now'>;
  chargeFailure(services as BudgetServices, requester(1, 0, 'home'));
  chargeFailure(services as BudgetServices, requester(1, 0, 'home', true));
  t.same(spent, [['home', 7, 1]]);
});

t.test('what a request has cost beyond its spec is taken of its session, user and address, down to 1', async (t) => {
  const spent: unknown[] = [];
  const note = (name: string): object => ({
    spend: (...words: readonly unknown[]) => void spent.push([name, ...words]),
  });
  const budgets = { session: note('session'), user: note('user'), address: note('address') };
  const services = { now: () => 7, budgets } as unknown as BudgetServices;
  chargeMore(services, 0, requester(1, 2, 'home'));
  chargeMore(services, 5, requester(1, 0, 'home'));
  chargeMore(services, 5, requester(1, 2, 'home', true));
  t.same(spent, []);
  const one = [
    ['session', 1, 7, 1],
    ['user', 2, 7, 1],
    ['address', 'home', 2, 7, 1],
  ];
  chargeMore(services, 1, requester(1, 2, 'home'));
  t.same(spent.splice(0), one);
  const entries = (count: number): ReadonlyMap<number, never> =>
    new Map(Array.from({ length: count }, (_, at) => [at, 1 as never]));
  chargeForRecord(services, { roles: entries(24), bans: entries(25) }, requester(1, 2, 'home'));
  t.same(spent, []);
  chargeForRecord(services, { roles: entries(25), bans: entries(25) }, requester(1, 2, 'home'));
  t.same(spent, one);
});

t.test('a guest has no key that is known, whatever refused it', (t) => {
  const refused = refusal('rate_limited', verbatim('too many messages'), { retry_after: 1 });
  const request = {
    command: 'chatroom_message',
    spec: commandSpecs.chatroom_message,
    parameters: { username: 'a', room: 'lobby', message: 'x', key: 'k' },
    ref: undefined,
  };
  t.equal(unlessKnown(refused, request, requester(1, 0, 'home'), undefined, {} as never), refused);
  t.end();
});

t.test('a spec without a cost takes nothing but of its own budget', (t) => {
  const all = new Map<string, Counting>();
  const budgets = budgetsOf((name) => {
    const counting = new Counting(9, 60);
    all.set(name, counting);
    return counting;
  });
  const spec: CommandSpec = { ...commandSpecs.ping, cost: undefined, budget: 'message' } as never;
  t.equal(charge({ budgets, counters: new Counters(), now: () => 0 }, spec, requester(1, 2, 'home')), undefined);
  t.same(
    [...all].filter(([, { spent }]) => spent > 0).map(([name, { spent }]) => [name, spent]),
    [['message', 1]],
  );
  t.end();
});
