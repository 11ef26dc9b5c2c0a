// Charges requests to budgets (code 14). A command's spec names the budget, which has one token bucket for each payer.
import type { Throttle } from '../accounts/throttle.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { Cost } from '../wire/spec.js';
import type { Requester } from './requester.js';

/** Who pays from each budget, and the sentence for a budget that is spent. */
const terms: Readonly<Record<Cost, { readonly payerOf: (requester: Requester) => string; readonly spent: string }>> = {
  message: { payerOf: ({ id }) => String(id), spent: 'too many messages' },
  password: { payerOf: ({ peer }) => peer.limitKey, spent: 'too many password attempts from your address' },
};

/** A bucket for each payer of each budget. */
export type Budgets = Readonly<Record<Cost, Throttle>>;

/**
 * Charges a request. Refuses it where the payer has spent its budget, with the milliseconds until there is enough
 * again.
 * @param now milliseconds of the monotonic clock
 */
export function charge(budgets: Budgets, cost: Cost, requester: Requester, now: number): Refusal | undefined {
  if (requester.peer.exempt) return undefined;
  const { payerOf, spent } = terms[cost];
  const retryAfter = budgets[cost].take(payerOf(requester), now);
  return retryAfter === 0 ? undefined : refusal('rate_limited', spent, { retry_after: retryAfter });
}
