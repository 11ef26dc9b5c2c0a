// The one dispatcher (src/session/dispatcher.ts): gates before commands, the member that a command is handed, and what
// a failure is answered with, in one place for clients and operators.
import pino from 'pino';
import t from 'tap';
import { PasswordsBusy } from '../../src/accounts/passwords.js';
import { Throttle } from '../../src/accounts/throttle.js';
import { Member } from '../../src/chat/member.js';
import { Counters } from '../../src/metrics/counters.js';
import type { Answer } from '../../src/session/answer.js';
import { dispatcher, type Dispatch } from '../../src/session/dispatcher.js';
import type { Requester } from '../../src/session/requester.js';
import { StoreAway, StoreBusy, StoreFailure } from '../../src/store/store.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import type { AnyRequest } from '../../src/wire/request.js';
import type { CommandSpec } from '../../src/wire/spec.js';
import { budgetsOf, lookupsAtOnce } from './budget-names.js';
import { newRoom } from '../support/room.js';
import { worded } from '../support/sentences.js';

const alice = { id: 1, name: 'alice', key: 'alice' };

const spec = (name: string, more: Partial<CommandSpec> = {}): CommandSpec => ({ ...commandSpecs.ping, name, ...more });

const specs = { fail: spec('fail'), visit: spec('visit', { room: 'joined' }), own: spec('own', { user: 'own' }) };

interface Bench {
  readonly dispatch: Dispatch<Requester>;
  /** What was logged: the event, and the fields that name the request. */
  readonly logged: object[];
  /** What the commands were called with. */
  readonly called: (Member | undefined)[];
  /** How many requests a limit has refused, by the limit. */
  readonly limited: ReadonlyMap<string, number>;
}

function begin(audience: 'clients' | 'operators', error: Error, isLate = false): Bench {
  const logged: object[] = [];
  const called: (Member | undefined)[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => logged.push(JSON.parse(line) as object) });
  const refused = (): Answer => {
    throw error;
  };
  const answer = (_session: unknown, _request: unknown, _services: unknown, member: Member | undefined): Answer => {
    called.push(member);
    return { results: {} };
  };
  const table = { fail: isLate ? async () => refused() : refused, visit: answer, own: answer };
  const gates = {
    allowPlaintext: false,
    registrationOpen: true,
    budgets: budgetsOf(() => new Throttle(100, 1)),
    counters: new Counters(),
    store: {
      log: { taking: 'taken' as const, findKeyed: () => Promise.resolve(undefined) },
      conversations: { find: async () => undefined },
      directory: { findRoom: () => Promise.resolve(undefined), findUser: () => Promise.resolve(undefined) },
    },
    now: () => 0,
    ...lookupsAtOnce,
  };
  return {
    dispatch: dispatcher(specs, table, { gates, log }, audience),
    logged,
    called,
    limited: gates.counters.limited,
  };
}

const guest: Requester = {
  id: 7,
  peer: { address: '192.0.2.1', limitKey: '192.0.2.1', confidential: true, encrypted: false, exempt: false },
  state: { kind: 'guest' },
  gone: false,
  logFields: { session: 7 },
};

const request = (name: keyof typeof specs, parameters: object = {}): AnyRequest => ({
  command: name,
  spec: specs[name],
  parameters,
  ref: undefined,
});

const vague = 'the server could not do it, and did nothing';

for (const isLate of [false, true]) {
  const how = isLate ? 'rejects with' : 'throws';
  t.test(`what a command ${how} becomes a refusal`, async (t) => {
    for (const [error, code, more, event, limit] of [
      [new StoreFailure('the disk is full'), 2, { error: vague }, 'store_failed'],
      [new Error('oops'), 2, { error: vague }, 'command_failed'],
      [new StoreAway('no route'), 16, { retry_after: 1000 }, undefined],
      [new PasswordsBusy(250), 16, { retry_after: 250 }, undefined, 'password_queue'],
      [new StoreBusy(300), 16, { retry_after: 300 }, undefined, 'change_queue'],
    ] as const) {
      const { dispatch, logged, limited } = begin('clients', error, isLate);
      t.match(worded(await dispatch(guest, request('fail'))), { code, ...more }, error.message);
      t.same([...limited], limit === undefined ? [] : [[limit, 1]]);
      t.match(
        logged,
        event === undefined ? [] : [{ msg: event, session: 7, command: 'fail', err: { message: error.message } }],
      );
    }
  });
}

t.test('an operator reads why the store failed, and nothing else of what went wrong', async (t) => {
  t.match(worded(await begin('operators', new StoreFailure('the disk is full')).dispatch(guest, request('fail'))), {
    code: 2,
    error: 'the disk is full',
  });
  t.match(worded(await begin('operators', new Error('oops')).dispatch(guest, request('fail'))), {
    code: 2,
    error: vague,
  });
});

t.test('of a client that has gone nothing is logged, of an operator that has everything is', async (t) => {
  for (const [audience, count] of [
    ['clients', 0],
    ['operators', 1],
  ] as const) {
    const { dispatch, logged } = begin(audience, new StoreFailure('the disk is full'));
    await dispatch({ ...guest, gone: true }, request('fail'));
    t.equal(logged.length, count, audience);
  }
});

t.test('a command that a gate does not let through is not called', async (t) => {
  const { dispatch, called } = begin('clients', new Error());
  t.match(await dispatch(guest, request('own')), { code: 8 });
  t.match(await dispatch(guest, request('visit', { room: 'lobby' })), { code: 10 });
  t.same(called, []);
});

t.test('a command that needs a joined room is handed its member, whatever way the name is written', async (t) => {
  const members = new Map<string, Member>();
  const room = newRoom('lobby');
  const member = new Member(room, alice, { event: () => undefined, reply: () => undefined }, members);
  room.enter(member);
  const session: Requester = { ...guest, state: { kind: 'user', user: alice, members } };
  const { dispatch, called } = begin('clients', new Error());
  for (const name of ['lobby', 'LOBBY', 'Lobby'])
    t.match(await dispatch(session, request('visit', { room: name })), { results: {} });
  t.match(await dispatch(session, request('visit', { room: 'attic' })), { code: 10 });
  t.match(await dispatch(session, request('own')), { results: {} });
  t.equal(called.length, 4);
  t.ok(called.slice(0, 3).every((each) => each === member));
  t.equal(called[3], undefined, 'a command that needs no room gets none');
});

t.test('a table without a command is found out at the start', async (t) => {
  const { dispatch } = begin('clients', new Error());
  t.throws(() => dispatcher(specs, {}, { gates: {} as never, log: pino({ enabled: false }) }, 'clients'), /fail/);
  t.match(await dispatch(guest, { ...request('fail'), command: 'unheard of' }), { code: 2 });
});
