// Plays scenarios on a stage: random ones, with the seed printed, or given ones.
import fc from 'fast-check';
import type { Test } from 'tap';
import { scenario } from './scenario.js';
import type { Histories, Stage } from './stage.js';
import { World } from './world.js';

const { SALOND_TEST_SEED, SALOND_TEST_PATH: path, SALOND_TEST_RUNS } = process.env;

/**
 * Of all that is left to chance in this process. A failure prints fast-check's seed, which is this one, and path:
 * SALOND_TEST_SEED and SALOND_TEST_PATH run that scenario again, as far as chance allows.
 */
export const seed = Number(SALOND_TEST_SEED ?? Date.now() % 2 ** 31);

/**
 * Plays random scenarios, and compares in the end what was read back with what is stored.
 * @param runs how many scenarios, unless SALOND_TEST_RUNS says another number
 */
export async function playScenarios(t: Test, stage: Stage, runs: number): Promise<void> {
  const numRuns = Number(SALOND_TEST_RUNS ?? runs);
  const world = await World.start(stage);
  const histories: Histories = new Map();
  let failed = false;
  let count = 0;
  t.comment(`SALOND_TEST_SEED=${seed}`);
  await fc.assert(
    fc.asyncProperty(scenario, async (scripts) => {
      count += 1;
      try {
        for (const [room, history] of await world.run(scripts)) histories.set(room, history);
      } catch (error) {
        // At once: fast-check looks for a smaller scenario now, and with so much left to chance may not find one.
        if (!failed) t.comment(String(error));
        failed = true;
        throw error;
      }
    }),
    {
      numRuns,
      plugins: [fc.interruptAfterTimeLimit(60_000 + 1000 * numRuns)],
      seed,
      ...(path === undefined ? {} : { path }),
    },
  );
  t.comment(`${count} scenarios, ${[...histories.values()].flat().length} messages, ${world.busyAnswers} answers 16`);
  if (stage.conditions.isAwayAtTimes) t.ok(world.busyAnswers > 0, 'the store was away when somebody asked');
  await t.resolves(world.end(histories), 'what was read back is what is stored, and nothing went wrong inside');
}
