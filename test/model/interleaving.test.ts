// The whole daemon against a model: whatever several clients do at once, cut as TCP may cut it, each one's lines obey the
// contract and agree with the others' and with the disk. The model is in view.ts (one connection) and chronicle.ts (all).
// `npm run test:slow` plays more scenarios.
import t from 'tap';
import { playScenarios } from './play.js';
import { ProcessStage } from './process-stage.js';

t.setTimeout(600_000);

t.test('all clients see the same rooms, in order and without gaps, whatever they do at once', async (t) => {
  await playScenarios(t, await ProcessStage.start(t), 30);
});
