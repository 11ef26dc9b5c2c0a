// The whole daemon against a model: whatever several clients do at once, cut as TCP may cut it, each one's lines obey the
// contract and agree with the others' and with the disk. The model is in view.ts (one connection) and chronicle.ts (all).
// A failure prints fast-check's seed and path: SALOND_TEST_SEED and SALOND_TEST_PATH run that scenario again, as far as
// chance allows; SALOND_TEST_RUNS asks for more scenarios.
import fc from 'fast-check';
import t from 'tap';
import { scenario } from './scenario.js';
import { World, type StoredMessage } from './world.js';

const { SALOND_TEST_SEED: seed, SALOND_TEST_PATH: path, SALOND_TEST_RUNS: runs } = process.env;

t.setTimeout(600_000);

t.test('whatever clients do at once, all see the same rooms, in order and without gaps', async (t) => {
  const world = await World.start(t);
  const histories = new Map<string, StoredMessage[]>();
  let failed = false;
  let count = 0;
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
      numRuns: Number(runs ?? 60),
      plugins: [fc.interruptAfterTimeLimit(60_000 + 1000 * Number(runs ?? 60))],
      ...(seed === undefined ? {} : { seed: Number(seed) }),
      ...(path === undefined ? {} : { path }),
    },
  );
  t.comment(`${count} scenarios, ${[...histories.values()].flat().length} messages`);
  await t.resolves(world.end(histories), 'what was read back is what is on disk, and nothing went wrong inside');
});
