// Runs the model of interleaving.test.ts over daemons whose store is far away (far-stage.ts): with another writer on the same logs, with two daemons
// over the same data, and with a database that is away at times. `npm run test:slow` plays more scenarios.
import t from 'tap';
import { FarStage } from './far-stage.js';
import { playScenarios, seed } from './play.js';

t.setTimeout(600_000);

t.test('one daemon keeps to the model while another writer writes into its rooms', async (t) => {
  await playScenarios(t, await FarStage.start(t, { daemons: 1, isAwayAtTimes: false, seed }), 8);
});

t.test('two daemons over the same data and another writer keep to the model', async (t) => {
  await playScenarios(t, await FarStage.start(t, { daemons: 2, isAwayAtTimes: false, seed }), 8);
});

t.test('two daemons and another writer keep to the model while the database is away at times', async (t) => {
  await playScenarios(t, await FarStage.start(t, { daemons: 2, isAwayAtTimes: true, seed }), 12);
});
