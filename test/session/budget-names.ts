// The budgets of a test, with a throttle for each of them.
import { SharedThrottle } from '../../src/accounts/shared-throttle.js';
import { Throttle } from '../../src/accounts/throttle.js';
import { SlowMode } from '../../src/chat/slow-mode.js';
import type { BudgetName, Budgets } from '../../src/session/budgets.js';
import type { GateServices } from '../../src/session/gates.js';

/** Makes a throttle for each budget. */
export function budgetsOf(throttleOf: (name: BudgetName) => Throttle): Budgets {
  return {
    message: throttleOf('message'),
    password: throttleOf('password'),
    session: throttleOf('session'),
    user: throttleOf('user'),
    address: new SharedThrottle(throttleOf('address')),
    guests: new SharedThrottle(throttleOf('guests')),
  };
}

/** Lets keys be looked up at once, and users speak as fast as they like. */
export const lookupsAtOnce: Pick<GateServices, 'reads' | 'lookups' | 'conversations' | 'slowMode'> = {
  slowMode: new SlowMode(() => 0),
  reads: { run: (_payer, read) => read() },
  lookups: new Throttle(1_000_000, 1_000_000),
  conversations: { ofLog: () => undefined },
};
