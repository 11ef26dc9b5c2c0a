// The contract over MemoryStore, which other suites trust to be a model of a real store.
import { MemoryStore } from '../../src/store/memory.js';
import { StoreFailure } from '../../src/store/store.js';
import { breaker, poison, storeContract, type Line } from './contract.js';

/** A MemoryStore whose commits can fail. It does so before anything is done: memory has no rollback. */
class FallibleStore extends MemoryStore<Line> {
  override async commit(
    jobs: readonly (() => Promise<void>)[],
    entries: readonly Line[],
    time: number,
  ): Promise<ReadonlyMap<number, StoreFailure>> {
    if (entries.some(({ text }) => text === poison)) throw new StoreFailure('no room');
    if (entries.some(({ text }) => text === breaker)) throw new Error('the sync failed');
    return super.commit(jobs, entries, time);
  }
}

storeContract({
  open: async () => new FallibleStore(),
  reopen: async (store) => {
    await store.close();
    return store;
  },
});
