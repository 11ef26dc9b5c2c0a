// The checks that need the session, in the contract's order (PROTOCOL.md §2.4). The command's spec drives them: no gate
// knows a command's name, and no command repeats a gate. The checks before them need the line alone (wire/request.ts).
// The checks after them are the commands' own, such as 4 and 18.
import type { Member } from '../chat/member.js';
import { whyNotPermitted } from '../chat/permissions.js';
import type { SlowMode } from '../chat/slow-mode.js';
import type { Directory, UserRecord } from '../store/directory.js';
import type { MessageLog, NewMessage } from '../store/log.js';
import { nameKey } from '../text/names.js';
import type { code } from '../wire/generated/codes.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';
import type { CommandSpec } from '../wire/spec.js';
import { say } from '../wire/words.js';
import type { Answer } from './answer.js';
import { charge, type BudgetServices } from './budgets.js';
import { storeBusy } from './failure.js';
import { unlessKnown, type KeyedStore, type LookupServices } from './known-key.js';
import { memberOf, notInRoom, payerOf, type Requester } from './requester.js';

/** The part of the store that the gates use. */
export interface GateStore extends KeyedStore {
  readonly directory: KeyedStore['directory'] & Pick<Directory, 'findUser'>;
  readonly log: KeyedStore['log'] & Pick<MessageLog<NewMessage>, 'taking'>;
}

/** The settings and services that the gates use. */
export interface GateServices extends BudgetServices, LookupServices {
  /** Whether passwords are accepted on unencrypted connections from other machines. */
  readonly allowPlaintext: boolean;
  readonly registrationOpen: boolean;
  readonly slowMode: Pick<SlowMode, 'wait' | 'spoke'>;
  readonly store: GateStore;
}

/** One check. */
export interface Gate {
  /** The name of the code that it refuses with. */
  readonly code: keyof typeof code;
  /** Whether it applies to the commands of that spec. */
  readonly concerns: (spec: CommandSpec) => boolean;
  /**
   * @param member the requester's membership in the request's room, where the spec demands one
   * @param target the user whom the request is about, where the spec names a parameter for it
   */
  readonly check: (
    requester: Requester,
    request: AnyRequest,
    services: GateServices,
    member: Member | undefined,
    target: UserRecord | undefined,
  ) => Refusal | undefined;
}

const authenticated: Gate = {
  code: 'not_authenticated',
  concerns: ({ user }) => user === 'own',
  check: ({ state }) => (state.kind === 'guest' ? refusal('not_authenticated', say('authenticate_first')) : undefined),
};

const ownUsername: Gate = {
  code: 'wrong_user',
  concerns: ({ user, parameters }) => user === 'own' && parameters.some(({ name }) => name === 'username'),
  check: ({ state }, { parameters }) => {
    if (state.kind === 'guest') return undefined;
    const { username } = parameters as { readonly username: string };
    const isOwn = username === state.user.name || nameKey(username) === state.user.key;
    return isOwn ? undefined : refusal('wrong_user', say('wrong_user'));
  },
};

const notYetAuthenticated: Gate = {
  code: 'already_authenticated',
  concerns: ({ user }) => user === 'none',
  check: ({ state }) =>
    state.kind === 'user' ? refusal('already_authenticated', say('already_authenticated')) : undefined,
};

const encrypted: Gate = {
  code: 'encryption_required',
  concerns: ({ secret = false }) => secret !== false,
  check: ({ peer }, { spec, parameters }, { allowPlaintext }) => {
    if (peer.confidential || allowPlaintext) return undefined;
    if (spec.secret === 'if given' && !('password' in parameters)) return undefined;
    return refusal('encryption_required', say('encryption_required'));
  },
};

const withinBudget: Gate = {
  code: 'rate_limited',
  concerns: ({ cost = 0, budget }) => cost > 0 || budget !== undefined,
  check: (requester, { spec }, services, member) =>
    (spec.role === 'speaker' && member !== undefined ? tooSoon(member, services) : undefined) ??
    charge(services, spec, requester),
};

/** Makes the refusal for whoever has to wait until the next message. @param wait milliseconds */
export function tooSoonIn(seconds: number, wait: number): Refusal {
  return refusal('rate_limited', say('slow_room', { seconds }), { retry_after: wait });
}

/** Refuses a message to a room in which its speaker has to wait longer (`slow_seconds`). */
function tooSoon({ room, user }: Member, { slowMode }: GateServices): Refusal | undefined {
  const seconds = room.record.settings.slowSeconds;
  const wait = seconds === 0 ? 0 : slowMode.wait(room.record.id, user.id, seconds);
  return wait === 0 ? undefined : tooSoonIn(seconds, wait);
}

const storeTakes: Gate = {
  code: 'busy',
  concerns: ({ pipelined }) => pipelined === true,
  check: (_requester, _request, { store, counters }) => {
    const { taking } = store.log;
    if (taking === 'taken') return undefined;
    if (taking === 'full') counters.limit('messages_waiting');
    return storeBusy(taking);
  },
};

const foundTarget: Gate = {
  code: 'not_found',
  concerns: ({ target }) => target !== undefined,
  check: (_requester, _request, _services, _member, target) =>
    target === undefined ? refusal('not_found', say('no_user_of_name')) : undefined,
};

const inRoom: Gate = {
  code: 'not_in_room',
  concerns: ({ room }) => room === 'joined',
  check: (_requester, _request, _services, member) => (member === undefined ? notInRoom() : undefined),
};

const permitted: Gate = {
  code: 'not_permitted',
  concerns: ({ role, outranks }) => role !== undefined || outranks !== undefined,
  check: ({ state }, { spec }, { registrationOpen }, member, target) => {
    // Every message comes here: the member has the answer at hand.
    if (spec.role === 'speaker' && member !== undefined)
      return member.silence === undefined ? undefined : refusal('not_permitted', member.silence);
    const user = state.kind === 'guest' ? undefined : state.user.id;
    const why = whyNotPermitted(spec, { registrationOpen, room: member?.room.record, user, target: target?.id });
    return why === undefined ? undefined : refusal('not_permitted', why);
  },
};

/** All gates, in the contract's order. */
export const gates: readonly Gate[] = [
  authenticated,
  ownUsername,
  notYetAuthenticated,
  encrypted,
  withinBudget,
  storeTakes,
  foundTarget,
  inRoom,
  permitted,
];

/** The gates that apply to the commands of that spec, in the contract's order. */
export function gatesOf(spec: CommandSpec): readonly Gate[] {
  return gates.filter(({ concerns }) => concerns(spec));
}

/**
 * The gates of a spec before and after its `target` is looked up in the store. All of them are before, where the spec
 * names none.
 */
export function gatesAround(spec: CommandSpec): { readonly before: readonly Gate[]; readonly after: readonly Gate[] } {
  const all = gatesOf(spec);
  const at = spec.target === undefined ? all.length : all.indexOf(foundTarget);
  return { before: all.slice(0, at), after: all.slice(at) };
}

/**
 * Looks up the user whom the request is about, at the requester's turn. Undefined where there is none, or it is
 * deleted.
 */
export async function targetOf(
  requester: Requester,
  { spec, parameters }: AnyRequest,
  { store, reads }: GateServices,
): Promise<UserRecord | undefined> {
  const name = (parameters as Readonly<Record<string, unknown>>)[spec.target ?? ''];
  const user = await reads.run(payerOf(requester), () => store.directory.findUser(nameKey(String(name))));
  return user?.state === 'deleted' ? undefined : user;
}

/**
 * The requester's membership in the room that the request names, where the spec demands one. Undefined where it has
 * none.
 */
export function memberFor(requester: Requester, { spec, parameters }: AnyRequest): Member | undefined {
  return spec.room === 'joined' ? memberOf(requester, (parameters as { readonly room: string }).room) : undefined;
}

/**
 * Answers the refusal of the first gate that refuses the request, or undefined. Before 10, 12 and 14, a known key is
 * answered instead (PROTOCOL.md §5.3).
 * @param member as `memberFor` answers
 * @param target as `targetOf` answers
 */
export function passGates(
  gates: readonly Gate[],
  requester: Requester,
  request: AnyRequest,
  services: GateServices,
  member: Member | undefined,
  target?: UserRecord,
): Refusal | Promise<Answer> | undefined {
  for (const { check } of gates) {
    const refused = check(requester, request, services, member, target);
    if (refused === undefined) continue;
    return unlessKnown(refused, request, requester, member, services);
  }
  return undefined;
}
