// Charges requests to budgets (code 14). Every client's command has a cost, which the session, its user and its address
// pay. A command's spec may name a budget besides, of which each request takes one token.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SharedThrottle } from '../accounts/shared-throttle.js';
import type { Throttle } from '../accounts/throttle.js';
import type { Counters } from '../metrics/counters.js';
import type { RoomRecord } from '../store/directory.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { CommandSpec, OwnBudget } from '../wire/spec.js';
import { say, type Sentence } from '../wire/words.js';
import type { Requester } from './requester.js';

/** A budget that has a bucket for each session, address or user. */
export type SingleBudgetName = Exclude<OwnBudget, 'failed password'> | 'session' | 'user';

/**
 * A budget whose buckets several share: the users of an `address`, and its `guests`. What guests pay, their address
 * pays too, and has that much less for its users.
 */
export type SharedBudgetName = 'address' | 'guests';

/** A budget: one that some commands have besides, or one of those that pay the cost of every command. */
export type BudgetName = SingleBudgetName | SharedBudgetName;

/** A bucket for each payer of each budget. */
export type Budgets = Readonly<Record<SingleBudgetName, Throttle> & Record<SharedBudgetName, SharedThrottle>>;

/** What is needed to charge a request. */
export interface BudgetServices {
  readonly budgets: Budgets;
  /** Counts requests that a limit refused or delayed. */
  readonly counters: Pick<Counters, 'limit'>;
  /** Milliseconds of the monotonic clock. */
  readonly now: () => number;
}

/** What is said of a budget that is spent, and the setting by which the refusal is counted. */
const terms: Readonly<Record<BudgetName, { readonly error: Sentence; readonly setting: string }>> = {
  message: { error: say('too_many_messages'), setting: 'messages_per_second' },
  password: { error: say('too_many_attempts'), setting: 'password_attempts_per_minute' },
  session: { error: say('too_many_requests'), setting: 'cost_per_second' },
  user: { error: say('too_many_requests_of_user'), setting: 'cost_per_second_per_user' },
  address: { error: say('too_many_requests_of_address'), setting: 'cost_per_second_per_address' },
  guests: { error: say('too_many_requests_of_guests'), setting: 'cost_per_second_per_address' },
};

/**
 * Charges a request to all budgets that it concerns, or to none: it refuses the request where a payer has spent one,
 * with the milliseconds until all of them have something again. A request passes where each of its budgets holds one
 * token, and leaves them in debt where it costs more.
 *
 * Where the address's budget is spent, its users take turns, and its guests do: the refusal gives the user a place, and
 * whoever of the user's sessions asks first after the wait passes.
 *
 * It is called for every request, so it allocates nothing unless a budget is spent, and calls each budget by its name.
 */
export function charge(
  { budgets, counters, now: clock }: BudgetServices,
  { cost = 0, budget }: CommandSpec,
  { id, peer, state }: Requester,
): Refusal | undefined {
  if (peer.exempt) return undefined;
  const now = clock();
  const { limitKey } = peer;
  const { message, password, session, user, address, guests } = budgets;
  const isUser = state.kind === 'user';
  const shared = isUser ? address : guests;
  const sharer = isUser ? state.user.id : id;
  const ofMessage = budget === 'message' ? message.wait(id, now) : 0;
  const ofPassword = budget === 'password' || budget === 'failed password' ? password.wait(limitKey, now) : 0;
  const ofSession = session.wait(id, now);
  const ofUser = isUser ? user.wait(state.user.id, now) : 0;
  const ofShared = shared.wait(limitKey, sharer, now);
  const longest = Math.max(ofMessage, ofPassword, ofSession, ofUser, ofShared);
  if (longest > 0) {
    if (ofShared > 0) shared.reserve(limitKey, sharer, now, longest, cost);
    const [ofAddress, ofGuests] = isUser ? [ofShared, 0] : [0, ofShared];
    const waits = { message: ofMessage, password: ofPassword, session: ofSession, user: ofUser };
    return refuse({ ...waits, address: ofAddress, guests: ofGuests }, longest, counters);
  }
  if (budget === 'message') message.spend(id, now, 1);
  if (budget === 'password') password.spend(limitKey, now, 1);
  session.spend(id, now, cost);
  if (isUser) user.spend(state.user.id, now, cost);
  else address.spendForOthers(limitKey, now, cost);
  shared.spend(limitKey, sharer, now, cost);
  return undefined;
}

/** Charges a user's request for what it has cost beyond its spec, as a debt: it is not refused any more. */
export function chargeMore(
  { budgets, now: clock }: BudgetServices,
  cost: number,
  { id, peer, state }: Requester,
): void {
  if (cost === 0 || peer.exempt || state.kind !== 'user') return;
  const { session, user, address } = budgets;
  const now = clock();
  session.spend(id, now, cost);
  user.spend(state.user.id, now, cost);
  address.spend(peer.limitKey, state.user.id, now, cost);
}

/** As many roles and bans of a room's record that is read cost 1 besides what the request costs. */
const entriesForOne = 50;

/** Charges a request for a room's record that was read: one with hundreds of roles and bans takes longer than most. */
export function chargeForRecord(
  services: BudgetServices,
  { roles, bans }: Pick<RoomRecord, 'roles' | 'bans'>,
  requester: Requester,
): void {
  chargeMore(services, Math.floor((roles.size + bans.size) / entriesForOne), requester);
}

/**
 * Charges a login that has failed as a password attempt: where a spec names the budget `failed password`, what succeeds
 * costs nothing of it.
 */
export function chargeFailure({ budgets, now }: BudgetServices, { peer }: Pick<Requester, 'peer'>): void {
  if (!peer.exempt) budgets.password.spend(peer.limitKey, now(), 1);
}

/**
 * Charges a part of a request that has begun and must not be refused any more: waits until its budgets have something.
 * Charges nothing where the request `isOver` meanwhile: when its session has ended, if nothing else is said.
 */
export async function chargeInTime(
  services: BudgetServices,
  spec: CommandSpec,
  requester: Requester,
  isOver = (): boolean => requester.gone,
): Promise<void> {
  while (!isOver()) {
    const refused = charge(services, spec, requester);
    if (refused === undefined) return;
    await sleep(refused.retry_after, undefined, { ref: false });
  }
}

/**
 * Makes the refusal for the budget that has the longest wait; of two equal ones, the first that is listed in `terms`.
 */
function refuse(
  waits: Readonly<Record<BudgetName, number>>,
  longest: number,
  counters: Pick<Counters, 'limit'>,
): Refusal | undefined {
  for (const [name, { error, setting }] of Object.entries(terms)) {
    if (waits[name as BudgetName] < longest) continue;
    counters.limit(setting);
    return refusal('rate_limited', error, { retry_after: longest });
  }
  return undefined;
}
