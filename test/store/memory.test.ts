// The contract over the memory store, which other suites trust to be a model of a real store.
import { MemoryStore } from '../../src/store/memory/store.js';
import { StoreFailure } from '../../src/store/store.js';
import { textAt } from '../../src/store/texts.js';
import type { Committer } from '../../src/store/committer.js';
import { storeContract } from './contract.js';
import { breaker, poison, type TestPost } from './contract-bench.js';

/** Lets commits of certain texts fail before anything is done: memory has no rollback. */
function fallible(committer: Committer): Committer {
  return {
    commit: async (jobs, batch, time) => {
      const texts = batch.logs.map((_, place) => textAt(batch.texts, place));
      if (texts.includes(poison)) throw new StoreFailure('no room');
      if (texts.includes(breaker)) throw new Error('the sync failed');
      return committer.commit(jobs, batch, time);
    },
    touch: () => committer.touch(),
    allowEarlier: () => committer.allowEarlier(),
  };
}

storeContract({
  open: async () => new MemoryStore<TestPost>(fallible),
  reopen: async (store) => {
    if (!(store instanceof MemoryStore)) throw new Error('no memory store');
    await store.close();
    return new MemoryStore<TestPost>(fallible, store.data);
  },
});
