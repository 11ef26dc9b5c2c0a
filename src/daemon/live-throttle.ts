// A throttle whose limit follows the settings.
import { Throttle } from '../accounts/throttle.js';
import type { LiveSettings } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';

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
