// What a refusal says to a person: each reason has a sentence of its own, so that nobody has to guess from the code.
import t from 'tap';
import { defaultSettings } from '../../src/store/room-settings.js';
import { Throttle } from '../../src/accounts/throttle.js';
import { whyNotPermitted } from '../../src/chat/permissions.js';
import { Counters } from '../../src/metrics/counters.js';
import { charge, type BudgetName } from '../../src/session/budgets.js';
import { failure, storeBusy } from '../../src/session/failure.js';
import { gates, type GateServices } from '../../src/session/gates.js';
import type { Requester } from '../../src/session/requester.js';
import type { GivenRole, UserId } from '../../src/store/directory.js';
import { StoreFailure } from '../../src/store/store.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import type { AnyRequest } from '../../src/wire/request.js';
import type { CommandSpec } from '../../src/wire/spec.js';
import { budgetsOf, lookupsAtOnce } from './budget-names.js';
import { worded } from '../support/sentences.js';

const stranger: Requester = {
  id: 7,
  peer: { address: '192.0.2.1', limitKey: 'net', confidential: false, encrypted: false, exempt: false },
  state: { kind: 'guest' },
  gone: false,
  logFields: {},
};

const services: GateServices = {
  allowPlaintext: false,
  registrationOpen: false,
  budgets: budgetsOf(() => new Throttle(1, 60)),
  counters: new Counters(),
  store: {
    log: { taking: 'away', findKeyed: () => Promise.resolve(undefined) },
    conversations: { find: async () => undefined },
    directory: { findRoom: () => Promise.resolve(undefined), findUser: () => Promise.resolve(undefined) },
  },
  now: () => 0,
  ...lookupsAtOnce,
};

t.test('a password that would cross the network in the clear is refused with what to do instead', async (t) => {
  const { create_user: spec } = commandSpecs;
  const request: AnyRequest = { command: 'create_user', spec, parameters: { username: 'bob' }, ref: undefined };
  const encrypted = gates.find(({ code }) => code === 'encryption_required');
  t.match(worded(encrypted?.check(stranger, request, services, undefined, undefined)), { code: 17, error: /TLS/ });
});

t.test('a spent budget says which one, and when there is enough again', async (t) => {
  const user: Requester = {
    ...stranger,
    state: { kind: 'user', user: { id: 1, name: 'Alice', key: 'alice' }, members: new Map() },
  };
  const { ping } = commandSpecs;
  const only = (name: BudgetName): Throttle => new Throttle(name === spent ? 1 : 100, 60);
  let spent: BudgetName = 'message';
  for (const [name, error, setting, spec] of [
    ['message', /messages/, 'messages_per_second', { ...ping, budget: 'message' }],
    ['password', /password/, 'password_attempts_per_minute', { ...ping, budget: 'password' }],
    ['session', /^too many requests$/, 'cost_per_second', ping],
    ['user', /all sessions of this user/, 'cost_per_second_per_user', ping],
    ['address', /^too many requests from your address$/, 'cost_per_second_per_address', ping],
    ['guests', /without a login from your address/, 'cost_per_second_per_address', ping],
  ] as const) {
    spent = name;
    const counters = new Counters();
    const charging = { budgets: budgetsOf(only), counters, now: () => 0 };
    const one = name === 'guests' ? stranger : user;
    t.equal(charge(charging, spec, one), undefined);
    t.match(worded(charge(charging, spec, one)), { code: 14, error, retry_after: 1000 });
    t.same([...counters.limited], [[setting, 1]]);
  }
});

t.test('a store that takes nothing says whether it is full or away', async (t) => {
  t.match(worded(storeBusy('full')), { code: 16, error: /disk/, retry_after: 1000 });
  t.match(worded(storeBusy('away')), { code: 16, error: /reached/, retry_after: 1000 });
  const { chatroom_message: spec } = commandSpecs;
  const request: AnyRequest = { command: 'chatroom_message', spec, parameters: {}, ref: undefined };
  const busy = gates.find(({ code }) => code === 'busy');
  t.match(worded(busy?.check(stranger, request, services, undefined, undefined)), { code: 16, error: /reached/ });
});

t.test('a failure says that nothing was done, and to operators why', async (t) => {
  const report = { log: undefined, fields: {} };
  const failed = new StoreFailure('the disk is full');
  t.match(worded(failure(failed, { ...report, tellsReason: false })), { code: 2, error: /did nothing/ });
  t.match(worded(failure(failed, { ...report, tellsReason: true })), { code: 2, error: 'the disk is full' });
});

t.test('closed registration and a closed room are told apart, and an open one is permitted', async (t) => {
  const plain = { roles: new Map(), bans: new Map(), settings: defaultSettings };
  const [open, closed] = [
    { state: 'open', ...plain },
    { state: 'closed', ...plain },
  ] as const;
  const nobody = { user: undefined, target: undefined };
  const [registrant, entrant] = [{ role: 'registrant' }, { role: 'entrant' }] as const;
  t.match(worded(whyNotPermitted(registrant, { ...nobody, registrationOpen: false, room: open })), /registration/);
  t.equal(whyNotPermitted(registrant, { ...nobody, registrationOpen: true, room: closed }), undefined);
  t.match(worded(whyNotPermitted(entrant, { ...nobody, registrationOpen: true, room: closed })), /room/);
  t.equal(whyNotPermitted(entrant, { ...nobody, registrationOpen: false, room: open }), undefined);
  t.equal(whyNotPermitted(entrant, { ...nobody, registrationOpen: false, room: undefined }), undefined);
});

t.test('a role reaches lower roles only, an owner reaches all, and nobody is told more than that', async (t) => {
  const names = ['owner', 'moderator', 'member', 'muted'] as const;
  const roles = new Map<UserId, GivenRole>();
  for (const [place, role] of names.entries()) {
    if (role !== 'member') roles.set(place, role).set(place + 10, role);
  }
  const may = (spec: Pick<CommandSpec, 'role' | 'outranks'>, user: UserId, target?: UserId): boolean =>
    whyNotPermitted(spec, {
      registrationOpen: true,
      room: { state: 'open', roles, bans: new Map(), settings: defaultSettings },
      user,
      target,
    }) === undefined;
  const each = [0, 1, 2, 3];
  t.same(
    each.map((user) => may({ role: 'moderator' }, user)),
    [true, true, false, false],
  );
  t.same(
    each.map((user) => may({ role: 'owner' }, user)),
    [true, false, false, false],
  );
  t.same(
    each.map((user) => may({ role: 'speaker' }, user)),
    [true, true, true, false],
  );
  const reach = (outranks: 'others' | 'others or oneself', user: UserId): readonly number[] =>
    [...each, 10, 11, 12, 13].filter((target) => may({ role: 'moderator', outranks }, user, target));
  t.same(reach('others', 0), [1, 2, 3, 10, 11, 12, 13]);
  t.same(reach('others', 1), [2, 3, 12, 13]);
  t.same(reach('others or oneself', 1), [1, 2, 3, 12, 13]);
  t.same(reach('others or oneself', 2), [], 'the role comes first');
});
