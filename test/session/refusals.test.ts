// What a refusal says to a person: each reason has a sentence of its own, so that nobody has to guess from the code.
import t from 'tap';
import { Throttle } from '../../src/accounts/throttle.js';
import { whyNotPermitted } from '../../src/chat/permissions.js';
import { Counters } from '../../src/metrics/counters.js';
import { charge, type BudgetName } from '../../src/session/budgets.js';
import { failure, storeBusy } from '../../src/session/failure.js';
import { gates, type GateServices } from '../../src/session/gates.js';
import type { Requester } from '../../src/session/requester.js';
import { StoreFailure } from '../../src/store/store.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import type { AnyRequest } from '../../src/wire/request.js';
import { budgetsOf, lookupsAtOnce } from './budget-names.js';

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
    directory: { findRoom: () => Promise.resolve(undefined) },
  },
  now: () => 0,
  ...lookupsAtOnce,
};

t.test('a password that would cross the network in the clear is refused with what to do instead', async (t) => {
  const { create_user: spec } = commandSpecs;
  const request: AnyRequest = { command: 'create_user', spec, parameters: { username: 'bob' }, ref: undefined };
  const encrypted = gates.find(({ code }) => code === 'encryption_required');
  t.match(encrypted?.check(stranger, request, services, undefined), { code: 17, error: /TLS/ });
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
    t.match(charge(charging, spec, one), { code: 14, error, retry_after: 1000 });
    t.same([...counters.limited], [[setting, 1]]);
  }
});

t.test('a store that takes nothing says whether it is full or away', async (t) => {
  t.match(storeBusy('full'), { code: 16, error: /disk/, retry_after: 1000 });
  t.match(storeBusy('away'), { code: 16, error: /reached/, retry_after: 1000 });
  const { chatroom_message: spec } = commandSpecs;
  const request: AnyRequest = { command: 'chatroom_message', spec, parameters: {}, ref: undefined };
  const busy = gates.find(({ code }) => code === 'busy');
  t.match(busy?.check(stranger, request, services, undefined), { code: 16, error: /reached/ });
});

t.test('a failure says that nothing was done, and to operators why', async (t) => {
  const report = { log: undefined, fields: {} };
  const failed = new StoreFailure('the disk is full');
  t.match(failure(failed, { ...report, tellsReason: false }), { code: 2, error: /did nothing/ });
  t.match(failure(failed, { ...report, tellsReason: true }), { code: 2, error: 'the disk is full' });
});

t.test('closed registration and a closed room are told apart, and an open one is permitted', async (t) => {
  const [open, closed] = [{ state: 'open' }, { state: 'closed' }] as const;
  t.match(whyNotPermitted('registrant', { registrationOpen: false, room: open }), /registration/);
  t.equal(whyNotPermitted('registrant', { registrationOpen: true, room: closed }), undefined);
  t.match(whyNotPermitted('entrant', { registrationOpen: true, room: closed }), /room/);
  t.equal(whyNotPermitted('entrant', { registrationOpen: false, room: open }), undefined);
  t.equal(whyNotPermitted('entrant', { registrationOpen: false, room: undefined }), undefined);
});
