// The gates against the contract's order of checks (PROTOCOL.md §2.4): of all that is wrong with a request, the
// earliest check answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Throttle } from '../../src/accounts/throttle.js';
import { Member } from '../../src/chat/member.js';
import type { ChatUser } from '../../src/chat/presence.js';
import { Room } from '../../src/chat/room.js';
import { Counters } from '../../src/metrics/counters.js';
import { gates, gatesOf, memberFor, passGates, targetOf, type GateServices } from '../../src/session/gates.js';
import type { Requester } from '../../src/session/requester.js';
import type { UserRecord } from '../../src/store/directory.js';
import { defaultSettings } from '../../src/store/room-settings.js';
import { code } from '../../src/wire/generated/codes.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { operatorSpecs } from '../../src/wire/generated/operator-specs.js';
import type { AnyRequest } from '../../src/wire/request.js';
import type { CommandSpec } from '../../src/wire/spec.js';
import { budgetsOf, lookupsAtOnce } from './budget-names.js';
import { root } from '../support/daemon.js';

const alice: ChatUser = { id: 1, name: 'Alice', key: 'alice' };

const bob: UserRecord = {
  id: 2,
  version: 1,
  name: 'Bob',
  key: 'bob',
  firstName: 'Bob',
  lastName: 'B',
  password: new Uint8Array(),
  state: 'active',
  status: '',
  created: 0,
};

/** What a check depends on. */
interface Circumstances {
  readonly user: boolean;
  readonly username: string;
  readonly confidential: boolean;
  readonly allowPlaintext: boolean;
  readonly spent: boolean;
  readonly full: boolean;
  readonly joined: boolean;
  readonly closed: boolean;
  /** Whether the user whom the request is about exists. */
  readonly target: boolean;
  readonly registrationOpen: boolean;
}

const fine: Circumstances = {
  user: false,
  username: 'alice',
  confidential: true,
  allowPlaintext: false,
  spent: false,
  full: false,
  joined: false,
  closed: false,
  target: true,
  registrationOpen: true,
};

/** What makes the gate of each code refuse. */
const failing: Readonly<Record<number, Partial<Circumstances>>> = {
  8: { user: false },
  9: { user: true, username: 'bob' },
  13: { user: true },
  17: { confidential: false, allowPlaintext: false },
  14: { spent: true },
  16: { full: true },
  11: { target: false },
  10: { joined: false },
  12: { registrationOpen: false },
};

/** What lets a request of that spec through all its gates. */
function passing({ user, room }: CommandSpec): Circumstances {
  return { ...fine, user: user === 'own', joined: room === 'joined' };
}

interface Scene {
  readonly requester: Requester;
  readonly request: AnyRequest;
  readonly services: GateServices;
  /** The keys that the store was asked for. */
  readonly asked: string[];
}

/** What the store has of the key `known`. */
const known = { id: 7, text: 'hello', kind: 'text', about: 0 } as const;

const record = {
  id: 1,
  version: 1,
  name: 'lobby',
  key: 'lobby',
  topic: '',
  settings: defaultSettings,
  roles: new Map([[1, 'owner']] as const),
  bans: new Map<number, number>(),
  erased: 0,
  created: 0,
};

/** @param head the newest id of the room that is shown */
function scene(spec: CommandSpec, circumstances: Circumstances, key?: string, head: number = known.id): Scene {
  const { user, username, confidential, allowPlaintext, spent, full, joined, closed, target, registrationOpen } =
    circumstances;
  const members = new Map<string, Member>();
  const room = new Room({ ...record, state: closed ? 'closed' : 'open' }, { id: 1, head });
  if (joined) room.enter(new Member(room, alice, { event: () => undefined, reply: () => undefined }, members));
  const budgets = budgetsOf((name) => {
    const throttle = new Throttle(name === 'message' || name === 'password' ? 1 : 100, 1);
    if (spent) for (const payer of ['home', 3, alice.id]) throttle.spend(payer, 0, name === spec.budget ? 1 : 100);
    return throttle;
  });
  const asked: string[] = [];
  return {
    requester: {
      id: 3,
      peer: { address: '192.0.2.1', limitKey: 'home', confidential, encrypted: false, exempt: false },
      state: user ? { kind: 'user', user: alice, members } : { kind: 'guest' },
      gone: false,
      logFields: {},
    },
    request: {
      command: spec.name,
      spec,
      parameters: { username, room: 'lobby', message: 'hello', key, user: 'bob', password: 'sesame' },
      ref: undefined,
    },
    services: {
      allowPlaintext,
      registrationOpen,
      budgets,
      counters: new Counters(),
      now: () => 0,
      ...lookupsAtOnce,
      store: {
        conversations: { find: async () => undefined },
        directory: {
          findRoom: () => Promise.resolve({ ...record, state: 'open' }),
          findUser: () => Promise.resolve(target ? bob : undefined),
        },
        log: {
          taking: full ? 'full' : 'taken',
          findKeyed: (_log, _author, wanted) => {
            asked.push(wanted);
            return Promise.resolve(wanted === 'known' ? known : undefined);
          },
        },
      },
    },
    asked,
  };
}

/** What the gates say, by its code; 0 where they let the request through. */
async function verdict({ requester, request, services }: Scene): Promise<number> {
  const member = memberFor(requester, request);
  const target = request.spec.target === undefined ? undefined : await targetOf(requester, request, services);
  const answer = await passGates(gatesOf(request.spec), requester, request, services, member, target);
  if (answer === undefined) return 0;
  if (answer === 'on commit') throw new Error('gates store nothing');
  return 'code' in answer ? answer.code : code.ok;
}

/** All selections of the items. */
function subsets<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return items.reduce<readonly (readonly Item[])[]>((all, item) => [...all, ...all.map((one) => [...one, item])], [[]]);
}

/** The circumstances in which all of the codes are due; undefined where they exclude each other. */
function together(spec: CommandSpec, codes: readonly number[]): Circumstances | undefined {
  const all: Record<string, unknown> = {};
  for (const each of codes) {
    for (const [name, value] of Object.entries(failing[each] ?? {})) {
      if (name in all && all[name] !== value) return undefined;
      all[name] = value;
    }
  }
  // Who has no user is in no room.
  if (all['user'] === false && spec.room === 'joined') all['joined'] = false;
  return { ...passing(spec), ...all };
}

/** Whether a gate of the spec is due in the circumstances although it is not among `codes`. */
function isDueToo(spec: CommandSpec, { user, joined, username }: Circumstances, each: number): boolean {
  if (each === code.not_in_room) return spec.room === 'joined' && !joined;
  if (each === code.wrong_user) return user && username === 'bob';
  return false;
}

/** The codes of the table of §2.4, in its order. */
const contract = [
  ...(/### 2\.4[^]*?### 2\.5/.exec(readFileSync(join(root, 'PROTOCOL.md'), 'utf8'))?.[0] ?? '').matchAll(
    /^\| \d+ \|.*\| (\d+) \|$/gm,
  ),
].map(([, number]) => Number(number));

const codesOf = (spec: CommandSpec): number[] => gatesOf(spec).map((gate) => code[gate.code]);

/**
 * A spec that every gate has something to check of. For a session without a user it names no room: such a session is in
 * none.
 */
const everything = (user: 'own' | 'none'): CommandSpec => ({
  ...commandSpecs.ping,
  name: 'everything',
  user,
  secret: true,
  ...(user === 'own' ? { room: 'joined' } : {}),
  target: 'user',
  role: 'registrant',
  budget: 'message',
  pipelined: true,
  parameters: [{ name: 'username', field: 'username', required: true }],
});

t.test("the list is in the contract's order", async (t) => {
  const order = gates.map((gate) => code[gate.code]);
  t.same(
    order,
    [...new Set(contract)].filter((each) => order.includes(each as (typeof order)[number])),
  );
  t.same(order, [8, 9, 13, 17, 14, 16, 11, 10, 12]);
  t.same(Object.keys(failing).length, order.length, 'each of them is tried below');
});

t.test('of all that is wrong with a request, the first in the order answers', async (t) => {
  const pairs = new Set<string>();
  const specs = [
    ...Object.values(commandSpecs),
    ...Object.values(operatorSpecs),
    everything('own'),
    everything('none'),
  ];
  for (const spec of specs) {
    for (const wrong of subsets(codesOf(spec))) {
      const circumstances = together(spec, wrong);
      if (circumstances === undefined) continue;
      // A member of the room is not made an entrant: only what a spec's own role asks for can be wrong.
      if (wrong.includes(code.not_permitted) && spec.role !== 'registrant') continue;
      const due = codesOf(spec).filter((each) => wrong.includes(each) || isDueToo(spec, circumstances, each));
      t.equal(await verdict(scene(spec, circumstances)), due[0] ?? 0, `${spec.name}: ${due.join(' ')}`);
      for (const [place, one] of due.entries()) for (const other of due.slice(place + 1)) pairs.add(`${one} ${other}`);
    }
  }
  const possible = gates.flatMap((one, place) =>
    gates.slice(place + 1).map((other) => `${code[one.code]} ${code[other.code]}`),
  );
  t.same(
    possible.filter((pair) => !pairs.has(pair)),
    ['8 9', '8 13', '9 13', '13 10'],
    'every pair was tried but those that no session can bring about',
  );
});

t.test('a message that the store is too full for is counted, whoever else is busy', async (t) => {
  const spec = commandSpecs.chatroom_message;
  const full = scene(spec, { ...passing(spec), full: true });
  t.equal(await verdict(full), code.busy);
  t.same([...(full.services.counters as Counters).limited], [['messages_waiting', 1]]);
});

t.test("every client's command but quit has a cost, and so may be answered 14", async (t) => {
  for (const spec of Object.values(commandSpecs)) {
    t.equal(codesOf(spec).includes(code.rate_limited), spec.name !== 'quit', spec.name);
    t.ok(Number.isSafeInteger(spec.cost), spec.name);
  }
  for (const spec of Object.values(operatorSpecs)) t.equal(spec.cost, undefined, spec.name);
});

t.test("a closed room lets nobody in, as an entrant's role says", async (t) => {
  const spec: CommandSpec = { ...commandSpecs.leave_chatroom, role: 'entrant' };
  const circumstances = { ...passing(spec), username: 'Alice' };
  t.equal(await verdict(scene(spec, circumstances)), 0);
  t.equal(await verdict(scene(spec, { ...circumstances, closed: true })), 12);
});

t.test("a join needs encryption where it has a room's password, and only then", async (t) => {
  const spec = commandSpecs.join_chatroom;
  const plain = scene(spec, { ...passing(spec), confidential: false });
  t.equal(await verdict(plain), 17);
  const { password: _, ...parameters } = plain.request.parameters as Readonly<Record<string, unknown>>;
  t.equal(await verdict({ ...plain, request: { ...plain.request, parameters } }), 0);
});

t.test('who is refused earlier pays nothing, and who is exempt never does', async (t) => {
  const spec = commandSpecs.chatroom_message;
  const { requester, request, services } = scene(spec, passing(spec));
  const wrong = { ...request, parameters: { ...request.parameters, username: 'bob' } };
  const pass = async (of: Requester, sent: AnyRequest): Promise<number> =>
    verdict({ requester: of, request: sent, services, asked: [] });
  for (let each = 0; each < 3; each += 1) t.equal(await pass(requester, wrong), 9);
  t.equal(await pass(requester, request), 0);
  t.equal(await pass(requester, request), 14);
  t.equal(await pass({ ...requester, peer: { ...requester.peer, exempt: true } }, request), 0);
  t.equal(await pass({ ...requester, id: 4 }, request), 0, 'each session has a budget of its own for messages');
  const login = { ...request, command: 'authenticate_user', spec: commandSpecs.authenticate_user };
  const guest = { ...requester, state: { kind: 'guest' } as const };
  t.equal(await pass(guest, login), 0);
  t.equal(await pass({ ...guest, id: 4 }, login), 14, 'and each address one for passwords');
  t.equal(await pass({ ...guest, peer: { ...guest.peer, limitKey: 'elsewhere' } }, login), 0);
});

t.test('a known key is answered in the place of 10, 12 and 14, and of nothing else', async (t) => {
  const spec: CommandSpec = { ...commandSpecs.chatroom_message, role: 'registrant' };
  for (const wrong of subsets([8, 9, 14, 16, 10, 12])) {
    const circumstances = together(spec, wrong);
    if (circumstances === undefined) continue;
    const first = codesOf(spec).find((each) => wrong.includes(each) || isDueToo(spec, circumstances, each)) ?? 0;
    const isLate = [10, 12, 14].includes(first);
    const again = scene(spec, circumstances, 'known');
    t.equal(await verdict(again), isLate ? code.ok : first, wrong.join(' '));
    t.same(again.asked, isLate ? ['known'] : [], 'the store is asked for nothing else');
    t.equal(await verdict(scene(spec, circumstances, 'new')), first);
    t.equal(await verdict(scene(spec, circumstances)), first);
  }
});

t.test(
  'a known key with another text is 18, and one that is not shown yet is answered as if it were new',
  async (t) => {
    const spec = commandSpecs.chatroom_message;
    const refused = { ...passing(spec), spent: true };
    const { request, ...rest } = scene(spec, refused, 'known');
    t.equal(
      await verdict({ ...rest, request: { ...request, parameters: { ...request.parameters, message: 'bye' } } }),
      18,
    );
    t.equal(await verdict(scene(spec, refused, 'known', known.id)), 1);
    t.equal(await verdict(scene(spec, refused, 'known', known.id - 1)), 14);
  },
);

t.test(
  'the keys of a user are looked up so many a second, by turns of the users, and for nobody who has gone',
  async (t) => {
    const spec = commandSpecs.chatroom_message;
    const { services, ...rest } = scene(spec, { ...passing(spec), spent: true }, 'known');
    // One a millisecond, and two at once.
    const lookups = new Throttle(2, 60_000);
    const payers: unknown[] = [];
    const paced: Scene = {
      ...rest,
      services: {
        ...services,
        lookups,
        reads: {
          run: (payer, read) => {
            payers.push(payer);
            return read();
          },
        },
      },
    };
    // Their timers keep no process alive.
    const alive = setInterval(() => undefined, 1000);
    t.teardown(() => clearInterval(alive));
    let ended = false;
    const requester: Requester = {
      ...paced.requester,
      get gone() {
        return ended;
      },
    };
    const [one, two, three] = [verdict(paced), verdict(paced), verdict(paced)];
    const last = verdict({ ...paced, requester });
    ended = true;
    t.equal(payers.length, 2, 'the others wait');
    t.same([await one, await two, await three], [1, 1, 1]);
    t.equal(await last, 14);
    const payer = { payerClass: 'user', payerAddress: 'home', payerUser: 'alice' };
    t.same(payers, [payer, payer, payer]);
    const exempt = { ...paced.requester, peer: { ...paced.requester.peer, exempt: true } };
    await Promise.all([1, 2, 3, 4].map(() => verdict({ ...paced, requester: exempt, request: { ...paced.request } })));
    t.equal(lookups.wait(alice.id, 0), 3, 'who is exempt takes none');
  },
);

t.test('what a spec asks for stands among its codes', async (t) => {
  for (const { name, user, secret, room, role, keyed, codes, parameters } of Object.values(commandSpecs)) {
    if (user === 'none') t.ok(codes.includes(13), name);
    if (secret === true) t.ok(codes.includes(17), name);
    if (room !== undefined) t.ok(codes.includes(10), name);
    if (role !== undefined) t.ok(codes.includes(12), name);
    if (keyed === true) t.ok(codes.includes(18), name);
    const has = (parameter: string): boolean => parameters.some((each) => each.name === parameter);
    if (room !== undefined || role === 'entrant') t.ok(has('room'), `${name} names a room`);
    if (keyed === true)
      t.ok((has('room') || has('to')) && has('message') && has('key'), `${name} has what a key needs`);
  }
});
