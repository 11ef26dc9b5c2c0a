// The throttles of the daemon. Their limits follow the settings.
import { SharedThrottle } from '../accounts/shared-throttle.js';
import { Throttle } from '../accounts/throttle.js';
import type { LiveSettings } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';
import type { Budgets } from '../session/budgets.js';

/** Creates a throttle with the rate that `rateOf` reads from the settings. A reload changes the rate. */
export function liveThrottle(
  live: LiveSettings,
  rateOf: (settings: Settings) => { readonly burst: number; readonly perMinute: number },
): Throttle {
  const first = rateOf(live.current);
  const throttle = new Throttle(first.burst, first.perMinute);
  live.onChange((settings) => {
    const { burst, perMinute } = rateOf(settings);
    throttle.setRate(burst, perMinute);
  });
  return throttle;
}

/** The part of an address's budget that its guests may spend. Users have all that guests leave. */
const guestShare = 0.25;

/** Seconds in which the budgets of all commands are filled. So much may be spent at once. */
const costBurstSeconds = 120;

/** Creates the throttle of messages: of those that a session sends, and of the keys that are looked up for a user. */
export function messageThrottle(live: LiveSettings): Throttle {
  return liveThrottle(live, ({ messagesPerSecond: limit }) => ({ burst: 5 * limit, perMinute: 60 * limit }));
}

/** Creates the budgets of requests. */
export function createBudgets(live: LiveSettings): Budgets {
  const costs = (perSecond: (settings: Settings) => number): Throttle =>
    liveThrottle(live, (settings) => ({
      burst: costBurstSeconds * perSecond(settings),
      perMinute: 60 * perSecond(settings),
    }));
  return {
    password: liveThrottle(live, ({ passwordAttemptsPerMinute: limit }) => ({ burst: limit, perMinute: limit })),
    message: messageThrottle(live),
    session: costs(({ costPerSecond }) => costPerSecond),
    user: costs(({ costPerSecondPerUser }) => costPerSecondPerUser),
    address: new SharedThrottle(costs(({ costPerSecondPerAddress }) => costPerSecondPerAddress)),
    guests: new SharedThrottle(costs(({ costPerSecondPerAddress }) => guestShare * costPerSecondPerAddress)),
  };
}
