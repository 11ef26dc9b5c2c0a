// Charges requests to budgets (code 14). Every client's command has a cost, which the session, its user and its address
// pay. A command's spec may name a budget besides, of which each request takes one token.
import type { Throttle } from '../accounts/throttle.js';
import type { Counters } from '../metrics/counters.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { CommandSpec, OwnBudget } from '../wire/spec.js';
import type { Requester } from './requester.js';

/** A budget: one that some commands have besides, or one of those that pay the cost of every command. */
export type BudgetName = OwnBudget | 'session' | 'user' | 'address';

/** A bucket for each payer of each budget. */
export type Budgets = Readonly<Record<BudgetName, Throttle>>;

/** What is said of a budget that is spent, and the setting by which the refusal is counted. */
const terms: Readonly<Record<BudgetName, { readonly error: string; readonly setting: string }>> = {
  message: { error: 'too many messages', setting: 'messages_per_second' },
  password: { error: 'too many password attempts from your address', setting: 'password_attempts_per_minute' },
  session: { error: 'too many requests', setting: 'cost_per_second' },
  user: { error: 'too many requests from all sessions of this user together', setting: 'cost_per_second_per_user' },
  address: { error: 'too many requests from your address', setting: 'cost_per_second_per_address' },
};

/**
 * Charges a request to all budgets that it concerns, or to none: it refuses the request where a payer has spent one, with
 * the milliseconds until there is enough in all of them again.
 *
 * It is called for every request, so it allocates nothing unless it refuses, and calls each budget by its name.
 * @param now milliseconds of the monotonic clock
 */
export function charge(
  budgets: Budgets,
  spec: CommandSpec,
  requester: Requester,
  now: number,
  counters: Pick<Counters, 'limit'>,
): Refusal | undefined {
  const { id, peer, state } = requester;
  if (peer.exempt) return undefined;
  const { cost = 0, budget } = spec;
  const { limitKey } = peer;
  const { message, password, session, user, address } = budgets;
  const ofMessage = budget === 'message' ? message.wait(id, now, 1) : 0;
  const ofPassword = budget === 'password' ? password.wait(limitKey, now, 1) : 0;
  const ofSession = session.wait(id, now, cost);
  const ofUser = state.kind === 'user' ? user.wait(state.user.id, now, cost) : 0;
  const ofAddress = address.wait(limitKey, now, cost);
  const longest = Math.max(ofMessage, ofPassword, ofSession, ofUser, ofAddress);
  if (longest > 0) {
    const waits = { message: ofMessage, password: ofPassword, session: ofSession, user: ofUser, address: ofAddress };
    return refuse(waits, longest, counters);
  }
  if (budget === 'message') message.spend(id, now, 1);
  if (budget === 'password') password.spend(limitKey, now, 1);
  session.spend(id, now, cost);
  if (state.kind === 'user') user.spend(state.user.id, now, cost);
  address.spend(limitKey, now, cost);
  return undefined;
}

/** Makes the refusal for the budget that has the longest wait; of two equal ones, the first that is listed in `terms`. */
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
