// What the coverage-guided fuzzer found once holds still (`npm run fuzz:coverage` looks for more).
import t from 'tap';
import { readCorpus } from './corpus.js';
import { targets } from './targets.js';

for (const [name, target] of Object.entries(targets)) {
  t.test(`the corpus of ${name}`, async (t) => {
    const corpus = readCorpus(name);
    t.ok(corpus.length > 20, `has ${corpus.length} inputs`);
    for (const input of corpus) target.run(input);
  });
}
