// The contract over the far store: slow, away at times, and with another writer on the same logs. The times are drawn
// from a seed, which a failure prints; SALOND_TEST_SEED runs it again, as far as chance allows.
import t from 'tap';
import type { Committer } from '../../src/store/committer.js';
import { StoreFailure, type Store } from '../../src/store/store.js';
import { textAt } from '../../src/store/texts.js';
import { Random } from '../fuzz/random.js';
import { breaker, poison, type TestPost } from './contract-bench.js';
import { storeContract } from './contract.js';
import { FarDatabase } from './far-database.js';
import { FarStore } from './far-store.js';

const seed = Number(process.env['SALOND_TEST_SEED'] ?? Date.now() % 2 ** 32);
t.comment(`SALOND_TEST_SEED=${seed}`);
const random = new Random(seed);

/** In milliseconds. */
const longestDelay = 2;

/** Lets commits of certain texts fail. */
function fallible(committer: Committer): Committer {
  return {
    ...committer,
    commit: async (jobs, batch, time) => {
      const texts = batch.logs.map((_, place) => textAt(batch.texts, place));
      if (texts.includes(poison)) throw new StoreFailure('no room');
      if (texts.includes(breaker)) throw new Error('the sync failed');
      return committer.commit(jobs, batch, time);
    },
  };
}

function asFar(store: Store<TestPost>): FarStore<TestPost> {
  if (!(store instanceof FarStore)) throw new Error('no far store');
  return store as FarStore<TestPost>;
}

storeContract({
  open: async () => new FarStore<TestPost>(new FarDatabase(random, longestDelay), fallible),
  reopen: async (store) => {
    await store.close();
    return new FarStore<TestPost>(asFar(store).database, fallible);
  },
  openBeside: async (store) => new FarStore<TestPost>(asFar(store).database, fallible),
  takeAway: (store, underWay) => {
    asFar(store).goAway(underWay);
    return () => asFar(store).comeBack();
  },
  pause: (store) => asFar(store).database.pause(),
});
