// Opens the store that the daemon runs on, and connects what the store reports to delivery, counters and the log.
import type { Logger } from 'pino';
import type { Delivery } from '../chat/delivery.js';
import type { Post } from '../chat/post.js';
import type { Counters } from '../metrics/counters.js';
import type { Flushed } from '../net/flush-scheduler.js';
import type { Settings } from '../ops/settings/settings.js';
import { contractRules } from '../rules.js';
import { forgetBackup } from '../store/sqlite/backup.js';
import { SqliteStore } from '../store/sqlite/store.js';
import type { Store } from '../store/store.js';

/** Opens the store of a daemon with these settings. Rejects with DataError if the data can't be used. */
export type OpenStore = (settings: Settings, log: Logger) => Promise<Store<Post>>;

/** Opens the SQLite store in the data folder. */
export const openSqliteStore: OpenStore = async ({ data, durability, changesMs, changeQueue }, log) => {
  const store = await SqliteStore.open<Post>(
    data,
    durability,
    contractRules,
    {
      begun: (from, to, bytes) => log.info({ from_schema: from, to_schema: to, bytes }, 'conversion_begun'),
      running: (percent) => log.info({ percent }, 'conversion_running'),
      done: (seconds) => log.info({ seconds }, 'conversion_done'),
    },
    { milliseconds: changesMs, waiting: changeQueue },
  );
  // Only now does the folder belong to this daemon, so only now may an unfinished backup be removed.
  forgetBackup(data);
  return store;
};

/** The parts to which the store reports. */
export interface StoreReports {
  /** The path of the data, for the log. */
  readonly data: string;
  readonly log: Logger;
  readonly counters: Counters;
  readonly delivery: Delivery;
  /** Fulfils when all lines that delivery has handed over have gone to the sockets. */
  readonly flushed: () => Promise<Flushed>;
  /** Called when a sync failed. Whether the batch is on disk is unknown then, so the process has to end. */
  readonly onBroken: () => void;
}

/** Passes committed and failed batches to delivery, counts commits, and logs the store's other reports. */
export function connectStore(
  store: Store<Post>,
  { data, log, counters, delivery, flushed, onBroken }: StoreReports,
): void {
  let linesBefore = counters.lines;
  store.log.listen({
    committed: (commit) => {
      if (commit.mine.length > 0) counters.commit(commit.mine.length, commit.took);
      delivery.committed(commit);
    },
    written: async (readers) => {
      const lines = counters.lines - linesBefore;
      linesBefore = counters.lines;
      const { outboxes, milliseconds } = await flushed();
      // Thousands of others may have been sent replies meanwhile.
      const theirs = Math.min(readers, outboxes);
      return {
        milliseconds: (milliseconds * theirs) / Math.max(1, outboxes),
        linesPerWrite: lines / Math.max(1, theirs),
      };
    },
    failed: (posts, err) => {
      log.error({ err, messages: posts.length }, 'commit_failed');
      delivery.failed(posts);
    },
    unreadable: (err) => log.error({ err, command: 'chatroom_message' }, 'store_failed'),
    writing: (failure) => {
      if (failure === undefined) log.info('writes_succeed');
      else log.error({ err: failure, data }, 'writes_fail');
    },
    reachable: (failure) => {
      if (failure === undefined) log.info('store_reachable');
      else log.error({ err: failure }, 'store_away');
    },
    behind: (milliseconds, newest) =>
      log.warn({ seconds: Math.floor(milliseconds / 1000), newest: new Date(newest).toISOString() }, 'clock_behind'),
    broken: (err) => {
      log.fatal({ err, data }, 'store_broken');
      onBroken();
    },
  });
}
