// Charges requests to budgets (code 14). Every client's command has a cost, which the session, its user and its address
// pay. A command's spec may name a budget besides, of which each request takes one token.
import type { BucketKey, Throttle } from '../accounts/throttle.js';
import type { Counters } from '../metrics/counters.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { CommandSpec, OwnBudget } from '../wire/spec.js';
import type { Requester } from './requester.js';

/** A budget: one that some commands have besides, or one of those that pay the cost of every command. */
export type BudgetName = OwnBudget | 'session' | 'user' | 'address';

/** A bucket for each payer of each budget. */
export type Budgets = Readonly<Record<BudgetName, Throttle>>;

/** What is said of a budget. */
interface Terms {
  /** Undefined where the requester has nobody who pays. */
  readonly payerOf: (requester: Requester) => BucketKey | undefined;
  /** The sentence for a budget that is spent. */
  readonly spent: string;
  /** The setting by which refusals are counted. */
  readonly setting: string;
}

const terms: Readonly<Record<BudgetName, Terms>> = {
  message: { payerOf: ({ id }) => id, spent: 'too many messages', setting: 'messages_per_second' },
  password: {
    payerOf: ({ peer }) => peer.limitKey,
    spent: 'too many password attempts from your address',
    setting: 'password_attempts_per_minute',
  },
  session: { payerOf: ({ id }) => id, spent: 'too many requests', setting: 'cost_per_second' },
  user: {
    payerOf: ({ state }) => (state.kind === 'user' ? state.user.id : undefined),
    spent: 'too many requests from all sessions of this user together',
    setting: 'cost_per_second_per_user',
  },
  address: {
    payerOf: ({ peer }) => peer.limitKey,
    spent: 'too many requests from your address',
    setting: 'cost_per_second_per_address',
  },
};

/** Those that are asked. Of two whose waits are equally long, the first is named. */
const names = ['message', 'password', 'session', 'user', 'address'] as const satisfies readonly BudgetName[];

/** How many tokens a request takes from the budget; 0 for none. */
function tokensOf(name: BudgetName, { cost = 0, budget }: CommandSpec): number {
  if (name === 'message' || name === 'password') return name === budget ? 1 : 0;
  return cost;
}

/**
 * Charges a request to all budgets that it concerns, or to none: it refuses the request where a payer has spent one, with
 * the milliseconds until there is enough in all of them again.
 * @param now milliseconds of the monotonic clock
 */
export function charge(
  budgets: Budgets,
  spec: CommandSpec,
  requester: Requester,
  now: number,
  counters: Pick<Counters, 'limit'>,
): Refusal | undefined {
  if (requester.peer.exempt) return undefined;
  let longest = 0;
  let spent: Terms | undefined;
  for (const name of names) {
    const tokens = tokensOf(name, spec);
    const payer = tokens === 0 ? undefined : terms[name].payerOf(requester);
    if (payer === undefined) continue;
    const wait = budgets[name].wait(payer, now, tokens);
    if (wait <= longest) continue;
    longest = wait;
    spent = terms[name];
  }
  if (spent !== undefined) {
    counters.limit(spent.setting);
    return refusal('rate_limited', spent.spent, { retry_after: longest });
  }
  for (const name of names) {
    const tokens = tokensOf(name, spec);
    const payer = tokens === 0 ? undefined : terms[name].payerOf(requester);
    if (payer !== undefined) budgets[name].spend(payer, now, tokens);
  }
  return undefined;
}
