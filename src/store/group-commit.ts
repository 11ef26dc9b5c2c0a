// The heart of every store: while one batch is on its way to disk, the next gathers by itself. No timer and no size to
// tune: an idle store commits what came in one turn of the event loop, a busy one all that came during the last commit.
import { MessageClock } from './message-clock.js';
import { numberAll, numberKeyed, type KnownMessage } from './numbering.js';
import { StoreFailure, type Entry, type LogListener, type Writing } from './store.js';

/** What an adapter does to make a batch durable. One call at a time. */
export interface Committer<E extends Entry> {
  /**
   * Which of these entries' keys are in the log already, by the entry's place in the list: the stored text and its id,
   * or what is wrong with what is stored there. One that can't be read says nothing about the others.
   */
  findKeys(entries: readonly E[]): Promise<ReadonlyMap<number, KnownMessage | StoreFailure>>;
  /**
   * Carries out `jobs` in order and stores `entries`, all in one transaction, and returns when it is committed. A job
   * that finds damage fails by itself: what it did is undone, the rest is committed, and the answer names it by its
   * place. Rejects with StoreFailure when nothing of the transaction is or will be there, with anything else when that
   * can't be known.
   */
  commit(
    jobs: readonly (() => Promise<void>)[],
    entries: readonly E[],
    time: number,
  ): Promise<ReadonlyMap<number, StoreFailure>>;
  /** Within a commit: writes something that changes nothing, so that the commit needs the disk. */
  touch(): Promise<void>;
  /**
   * Keeps, over a restart too, that messages may have an earlier time than those that are stored now. Not within a
   * commit. Rejects with StoreFailure.
   */
  allowEarlier(): Promise<void>;
}

/** Entries gathered beyond this many UTF-16 units of text are refused (code 16) until a commit makes room. */
const maxGathered = 64 * 1024 * 1024;

/**
 * Where showing a batch takes so many times as long as a commit, the next one waits until it is shown: the disk would
 * have little to do meanwhile, and the batch that set out first would take a few messages and leave the others, as many
 * writes again, to the one after it. In a room of 5,000 that is a third of the time.
 */
const dear = 16;
/** A showing that takes less is not worth it, however short the commit was; milliseconds. */
const leastDear = 10;

interface Job {
  readonly run: () => Promise<void>;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

interface Batch<E extends Entry> {
  readonly jobs: readonly Job[];
  readonly entries: readonly E[];
  /** Whether a commit of it has to reach the disk, even without entries. */
  readonly probe: boolean;
}

export class GroupCommit<E extends Entry> {
  readonly #committer: Committer<E>;
  #listener: LogListener<E> | undefined;
  #entries: E[] = [];
  #jobs: Job[] = [];
  #gathered = 0;
  /** Batches that have set out and are not told yet. */
  readonly #untold = new Set<readonly E[]>();
  #waitingForTold: (() => void)[] = [];
  #running: Promise<void> | undefined;
  #broken = false;
  #closed = false;
  readonly #clock: MessageClock;
  /** Those who wait for earlier times to be allowed. */
  #resets: Job[] = [];
  #probe = false;
  #lastCommit: number | undefined;
  #failing: string | undefined;
  /** How long the last commit and the last showing took, in milliseconds. */
  #committing = 0;
  #showing = 0;

  /**
   * @param newestTime the time of the newest message in the log: no later one is before it (PROTOCOL.md §4.1)
   * @param failing why writes would fail now, where that is known from the start
   */
  constructor(committer: Committer<E>, newestTime: number, failing?: string) {
    this.#failing = failing;
    this.#committer = committer;
    this.#clock = new MessageClock(newestTime, (milliseconds, newest) =>
      this.#listener?.behind?.(milliseconds, newest),
    );
  }

  listen(listener: LogListener<E>): void {
    this.#listener = listener;
    this.#clock.watch();
    if (this.#failing !== undefined) listener.writing?.(new StoreFailure(this.#failing));
  }

  /** How writing goes. */
  get writing(): Writing {
    return { lastCommit: this.#lastCommit, failing: this.#failing, behind: this.#clock.behind };
  }

  /**
   * Fulfils when a commit that had to reach the disk has succeeded; rejects with StoreFailure when it failed. Each call
   * costs a commit: Health (ops/health.ts) shares them.
   */
  probe(): Promise<void> {
    this.#probe = true;
    return this.write(() => this.#committer.touch());
  }

  /**
   * Lets the times of messages go on from the machine's clock, from the next batch on, though they are then earlier
   * than those of stored ones: the clock was ahead once. Fulfils with the milliseconds that they go back. Rejects with
   * StoreFailure.
   */
  resetTime(): Promise<number> {
    if (this.#closed) return Promise.reject(new StoreFailure('the store is closed'));
    return new Promise((resolve, reject) => {
      let back = 0;
      this.#resets.push({
        run: async () => {
          await this.#committer.allowEarlier();
          back = this.#clock.reset();
        },
        done: () => resolve(back),
        failed: reject,
      });
      this.#wake();
    });
  }

  /** Whether it takes nothing now: too much waits, or it is closed. */
  get full(): boolean {
    return this.#closed || this.#gathered > maxGathered;
  }

  append(entry: E): boolean {
    if (this.full) return false;
    this.#gathered += entry.message.length;
    this.#entries.push(entry);
    this.#wake();
    return true;
  }

  /** Runs `work` inside the next transaction and fulfils with its result once that is committed. */
  write<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new StoreFailure('the store is closed'));
    return new Promise((resolve, reject) => {
      let result: Result;
      this.#jobs.push({
        run: async () => {
          result = await work();
        },
        done: () => resolve(result),
        failed: reject,
      });
      this.#wake();
    });
  }

  /**
   * Fulfils when nothing that was appended to that room is on its way any more: what is read of the room from then on
   * is all there is. Somebody who was put out may have left such an entry behind.
   */
  async settled(roomKey: string): Promise<void> {
    const isOfRoom = ({ log }: E): boolean => log.key === roomKey;
    while (this.#entries.some(isOfRoom) || [...this.#untold].some((entries) => entries.some(isOfRoom))) {
      await new Promise<void>((resolve) => {
        this.#waitingForTold.push(resolve);
      });
    }
  }

  /** Fulfils when all that was appended is committed and told. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Takes nothing more, and fulfils when all that was taken is committed and told. */
  close(): Promise<void> {
    this.#closed = true;
    return this.drain();
  }

  #wake(): void {
    this.#running ??= new Promise<void>((resolve) => {
      // The end of the turn: all that the sockets brought in it goes into one batch.
      setImmediate(() => void this.#run().then(resolve));
    });
  }

  async #run(): Promise<void> {
    let tell: (() => void) | undefined;
    while (!this.#broken) {
      if (this.#resets.length > 0) await this.#reset();
      if (tell !== undefined && this.#showing > Math.max(dear * this.#committing, leastDear)) {
        await this.#show(tell);
        // What has come meanwhile is read in the next turn of the event loop.
        await turn();
        tell = undefined;
      }
      const batch = this.#take();
      if (batch === undefined && tell === undefined) break;
      // The next commit sets out before the last batch is shown: the disk works while the sockets are written.
      const commit = batch === undefined ? undefined : this.#commit(batch);
      if (tell !== undefined) void this.#show(tell);
      tell = await commit;
    }
    // Here, and not when the promise is seen to be fulfilled: what is appended in between must wake the loop.
    this.#running = undefined;
  }

  /** Tells of a batch, and fulfils when what it said is written: at the end of this turn. */
  async #show(tell: () => void): Promise<void> {
    const begun = performance.now();
    tell();
    const waiting = this.#waitingForTold;
    this.#waitingForTold = [];
    for (const resolve of waiting) resolve();
    await turn();
    this.#showing = performance.now() - begun;
  }

  #take(): Batch<E> | undefined {
    if (this.#entries.length === 0 && this.#jobs.length === 0) return undefined;
    const batch = { jobs: this.#jobs, entries: this.#entries, probe: this.#probe };
    this.#jobs = [];
    this.#probe = false;
    this.#entries = [];
    this.#gathered = 0;
    return batch;
  }

  /** Commits a batch and answers what remains to be done: to tell about it. */
  async #commit({ jobs, entries, probe }: Batch<E>): Promise<() => void> {
    const time = this.#clock.next();
    this.#untold.add(entries);
    const begun = performance.now();
    try {
      const keyed = entries.filter(({ key }) => key !== undefined);
      // Without keys nothing is awaited first: the commit is on its way when this returns, and then the last batch is
      // told.
      const toStore = keyed.length === 0 ? numberAll(entries) : await this.#withoutKnown(entries, keyed);
      const failures = await this.#committer.commit(
        jobs.map(({ run }) => run),
        toStore,
        time,
      );
      const ended = performance.now();
      const took = ended - begun;
      this.#committing = took;
      if (toStore.length > 0) this.#clock.stored(time);
      if (toStore.length > 0 || probe) this.#succeeded(ended);
      return () => {
        this.#untold.delete(entries);
        for (const { log, id } of toStore) log.head = id;
        for (const [place, job] of jobs.entries()) {
          const failure = failures.get(place);
          if (failure === undefined) job.done();
          else job.failed(failure);
        }
        if (entries.length > 0) this.#listener?.committed(entries, time, took);
      };
    } catch (error) {
      return this.#failure(error, jobs, entries);
    }
  }

  #failure(error: unknown, jobs: readonly Job[], entries: readonly E[]): () => void {
    for (const { log } of entries) log.assigned = log.head;
    if (!(error instanceof StoreFailure)) {
      this.#broken = true;
      this.#listener?.broken(error instanceof Error ? error : new Error(String(error)));
      return () => undefined;
    }
    if (this.#failing === undefined) this.#listener?.writing?.(error);
    this.#failing = error.message;
    return () => {
      this.#untold.delete(entries);
      for (const job of jobs) job.failed(error);
      if (entries.length > 0) this.#listener?.failed(entries, error);
    };
  }

  #succeeded(at: number): void {
    this.#lastCommit = at;
    if (this.#failing === undefined) return;
    this.#failing = undefined;
    this.#listener?.writing?.(undefined);
  }

  async #withoutKnown(entries: readonly E[], keyed: readonly E[]): Promise<readonly E[]> {
    const found = await this.#committer.findKeys(keyed);
    for (const known of found.values()) if (known instanceof StoreFailure) this.#listener?.unreadable?.(known);
    return numberKeyed(entries, new Map([...found].map(([place, message]) => [keyed[place], message])));
  }

  async #reset(): Promise<void> {
    const resets = this.#resets;
    this.#resets = [];
    for (const { run, done, failed } of resets) await run().then(done, failed);
  }
}

/** The next turn of the event loop, after what was put off to the end of this one. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
