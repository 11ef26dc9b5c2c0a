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

/**
 * Seconds in which the budgets of all commands fill up. A full budget may be spent at once, for example by a bot that
 * joins hundreds of rooms. That of guests is smaller, because all they do is log in.
 */
const [costBurstSeconds, guestBurstSeconds] = [120, 10];

/** Creates a throttle at the rate of messages: for those that a session sends, or for the look-ups of a user's keys. */
export function messageThrottle(live: LiveSettings): Throttle {
  return liveThrottle(live, ({ messagesPerSecond: limit }) => ({ burst: 5 * limit, perMinute: 60 * limit }));
}

/**
 * Seconds whose refusals may come at once: a client that does not wait for replies may have sent many requests before
 * it learns that they are refused.
 */
const refusalBurstSeconds = 10;

/** Creates the throttle of lines that are refused at no cost. */
export function refusalThrottle(live: LiveSettings): Throttle {
  return liveThrottle(live, ({ refusalsPerSecond: limit }) => ({
    burst: refusalBurstSeconds * limit,
    perMinute: 60 * limit,
  }));
}

/** Creates the budgets of requests. */
export function createBudgets(live: LiveSettings): Budgets {
  const costs = (perSecond: (settings: Settings) => number, seconds = costBurstSeconds): Throttle =>
    liveThrottle(live, (settings) => ({
      burst: seconds * perSecond(settings),
      perMinute: 60 * perSecond(settings),
    }));
  return {
    password: liveThrottle(live, ({ passwordAttemptsPerMinute: limit }) => ({ burst: limit, perMinute: limit })),
    message: messageThrottle(live),
    session: costs(({ costPerSecond }) => costPerSecond),
    user: costs(({ costPerSecondPerUser }) => costPerSecondPerUser),
    address: new SharedThrottle(costs(({ costPerSecondPerAddress }) => costPerSecondPerAddress)),
    guests: new SharedThrottle(
      costs(({ costPerSecondPerAddress }) => guestShare * costPerSecondPerAddress, guestBurstSeconds),
    ),
  };
}
