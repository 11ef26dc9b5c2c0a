// The budgets of a test, with a throttle for each of them.
import type { Throttle } from '../../src/accounts/throttle.js';
import type { BudgetName, Budgets } from '../../src/session/budgets.js';

/** The names of all budgets. */
export const budgetNames = ['message', 'password', 'session', 'user', 'address'] as const satisfies BudgetName[];

/** Makes a throttle for each budget. */
export function budgetsOf(throttleOf: (name: BudgetName) => Throttle): Budgets {
  return Object.fromEntries(budgetNames.map((name) => [name, throttleOf(name)])) as unknown as Budgets;
}
