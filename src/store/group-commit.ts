// The heart of every store: while one batch is on its way to disk, the next gathers by itself. No timer and no size to
// tune: an idle store commits what came in one turn of the event loop, a busy one all messages that came during the
// last commit, up to what can be shown in one step, and as many changes of the directory as don't make them wait. Where
// both wait all the time, every other commit has messages alone.
import { GatheredMessages } from './batch-builder.js';
import type { Payer } from '../turns/payer.js';
import type { Batch, Committer, Result } from './committer.js';
import { FollowedLogs } from './followed-logs.js';
import { CommitJobs, defaultJobLimits, JobQueue, type JobLimits, type Write } from './group-commit-jobs.js';
import type { FollowedLog, LogId, LogListener, Messages, NewMessage, Taken, Writing } from './log.js';
import { MessageClock } from './message-clock.js';
import { StoreFailure, type StoreAway } from './store.js';

/**
 * Messages gathered beyond this many UTF-16 units of text are refused (code 16) until a commit makes room. No setting:
 * only a disk that hangs lets so many gather, and more would wait longer.
 */
const maxGathered = 64 * 1024 * 1024;

/**
 * Where showing a batch takes this many times as long as a commit, the next commit waits until the batch is shown.
 * Otherwise the next batch would take the few messages that are there, and leave the others to one more batch, which
 * costs every member one more write: a third of the time in a room of 5,000.
 */
const slowShowingRatio = 16;
/**
 * The next commit does not wait for a showing that takes less than this, in milliseconds, however short the commit was.
 */
const minSlowShowing = 10;

/** What one commit stores. */
interface Departure<Post> {
  readonly jobs: CommitJobs;
  readonly posts: readonly Post[];
  readonly batch: Batch;
  /** Whether the commit has to reach the disk even without messages. */
  readonly isProbe: boolean;
}

/** Gathers messages and writes into batches, commits them one at a time, and tells the listener what became of them. */
export class GroupCommit<Post extends NewMessage> {
  readonly #committer: Committer;
  readonly #clock: MessageClock;
  readonly #followed = new FollowedLogs();
  #listener: LogListener<Post> | undefined;
  readonly #gathered = new GatheredMessages<Post>();
  readonly #changes: JobQueue;
  /** Writes of the next commit, whatever else waits. */
  #probes: Write[] = [];
  /** Calls of `resetTime` that wait. */
  #resets: Write[] = [];
  /** Logs whose head `follow` reads, and to which nothing was appended meanwhile. */
  readonly #unchanged = new Set<LogId>();
  /** Batches whose commit has started and that the listener has not been told of. */
  readonly #untold = new Set<Batch>();
  #waitingForTold: (() => void)[] = [];
  #running: Promise<void> | undefined;
  #isTellingReceived = false;
  #isBroken = false;
  #isClosed = false;
  #away: StoreAway | undefined;
  #lastCommit: number | undefined;
  #failing: string | undefined;
  /** Whether the last commit had changes of the directory, and the store has not rested since. */
  #hadChanges = false;
  /** How long the last commit and the last showing took, in milliseconds. */
  #committing = 0;
  #showing = 0;

  /**
   * @param newestTime the time of the newest stored message, in milliseconds since 1970: no later message gets an
   * earlier one (PROTOCOL.md §4.1)
   * @param failing why writes would fail now, where that is known from the start
   */
  constructor(committer: Committer, newestTime: number, failing?: string, limits: JobLimits = defaultJobLimits) {
    this.#changes = new JobQueue(limits);
    this.#failing = failing;
    this.#committer = committer;
    this.#clock = new MessageClock(newestTime, (milliseconds, newest) =>
      this.#listener?.behind?.(milliseconds, newest),
    );
  }

  /** As `MessageLog.listen`. */
  listen(listener: LogListener<Post>): void {
    this.#listener = listener;
    this.#clock.watch();
    if (this.#failing !== undefined) listener.writing?.(new StoreFailure(this.#failing));
    if (this.#away !== undefined) listener.reachable?.(this.#away);
  }

  get writing(): Writing {
    return {
      lastCommit: this.#lastCommit,
      failing: this.#failing,
      away: this.#away?.message,
      behind: this.#clock.behind,
    };
  }

  /**
   * Fulfils when a commit that had to reach the disk has succeeded; rejects with StoreFailure when it failed. Each call
   * costs a commit: Health (daemon/health.ts) shares them.
   */
  probe(): Promise<void> {
    return this.#promise(
      () => this.#committer.touch(),
      (write) => void this.#probes.push(write),
    );
  }

  /** As `MessageLog.resetTime`. It applies from the next batch on. */
  resetTime(): Promise<number> {
    const refused = this.#refused;
    if (refused !== undefined) return Promise.reject(refused);
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

  /** As `MessageLog.taking`. */
  get taking(): Taken {
    if (this.#away !== undefined) return 'away';
    return this.#isClosed || this.#gathered.units > maxGathered ? 'full' : 'taken';
  }

  /** As `MessageLog.append`. */
  append(post: Post): Taken {
    const { taking } = this;
    if (taking !== 'taken') return taking;
    this.#gathered.add(post);
    if (this.#unchanged.size > 0) this.#unchanged.delete(post.log);
    this.#wake();
    return 'taken';
  }

  /**
   * Carries out `work`, a change of the directory, within one of the next transactions, when it is the payer's turn
   * (group-commit-jobs.ts). Those of one payer keep their order. Fulfils with its result once it is committed. Rejects
   * with StoreFailure where it was not, with StoreBusy where too many wait, and with StoreAway where the store can't be
   * reached.
   * @param payer the client that asked; else it is an operator's
   */
  write<Outcome>(work: () => Promise<Outcome>, payer?: Payer): Promise<Outcome> {
    return this.#promise(work, (write) => this.#changes.add(write, payer));
  }

  /** Promises the outcome of work that is carried out within a transaction, and which `enqueue` lets wait for it. */
  #promise<Outcome>(work: () => Promise<Outcome>, enqueue: (write: Write) => void): Promise<Outcome> {
    const refused = this.#refused;
    if (refused !== undefined) return Promise.reject(refused);
    return new Promise((resolve, reject) => {
      let outcome: Outcome;
      enqueue({
        run: async () => {
          outcome = await work();
        },
        done: () => resolve(outcome),
        failed: reject,
      });
      this.#wake();
    });
  }

  /**
   * As `MessageLog.follow`. `readHead` reads the id of the newest stored message; it is called when nothing of the log
   * is on its way, and again where a message was appended while it read.
   */
  async follow(log: LogId, readHead: () => number | Promise<number>): Promise<FollowedLog> {
    this.#followed.prepare(log);
    try {
      for (;;) {
        // Before the wait: a message may be appended between its end and the next line.
        this.#unchanged.add(log);
        await this.#settled(log);
        const head = await readHead();
        if (this.#unchanged.has(log)) return this.#followed.open(log, head);
      }
    } finally {
      this.#unchanged.delete(log);
      this.#followed.abandon(log);
    }
  }

  /** As `MessageLog.unfollow`. */
  unfollow(log: FollowedLog): void {
    this.#followed.close(log);
  }

  /**
   * Takes messages that another writer stored, and tells the listener of them in the order of their log, if it is
   * followed. Before a commit fulfils, the adapter hands over all that others stored in the followed logs before the
   * commit's own messages. Messages that the listener knows may come again.
   */
  receive(messages: Messages): void {
    this.#clock.seen(messages.time);
    if (!this.#followed.receive(messages) || this.#isTellingReceived) return;
    this.#isTellingReceived = true;
    setImmediate(() => {
      this.#isTellingReceived = false;
      this.#tellReceived();
    });
  }

  /** Reports that the store can't be reached, with the reason, or that it can again. */
  setAway(failure: StoreAway | undefined): void {
    const isChanged = (failure === undefined) !== (this.#away === undefined);
    this.#away = failure;
    if (isChanged) this.#listener?.reachable?.(failure);
  }

  /** Fulfils when everything that was taken is committed and the listener has been told. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Takes nothing more. Fulfils as `drain` does. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.drain();
  }

  /** Why no write is taken now. */
  get #refused(): Error | undefined {
    return this.#isClosed ? new StoreFailure('the store is closed') : this.#away;
  }

  /** Fulfils when no message of that log is on its way. An evicted member may have left one on its way. */
  async #settled(log: LogId): Promise<void> {
    while (this.#gathered.includes(log) || [...this.#untold].some(({ logs }) => logs.includes(log))) {
      await new Promise<void>((resolve) => {
        this.#waitingForTold.push(resolve);
      });
    }
  }

  #wake(): void {
    this.#running ??= new Promise<void>((resolve) => {
      // Runs at the end of the turn: all that the sockets brought in it goes into one batch.
      setImmediate(() => void this.#run().then(resolve));
    });
  }

  async #run(): Promise<void> {
    let tell: (() => void) | undefined;
    while (!this.#isBroken) {
      if (tell !== undefined && this.#showing > Math.max(slowShowingRatio * this.#committing, minSlowShowing)) {
        await this.#show(tell);
        // What has come meanwhile is read in the next turn of the event loop.
        await nextTurn();
        tell = undefined;
      }
      // After everything else that waits in this loop: whoever asks during a wait would be forgotten by the `break`.
      while (this.#resets.length > 0) await this.#reset();
      const departure = this.#take();
      if (departure === undefined && tell === undefined) break;
      // The next commit starts before the last batch is shown: the disk works while the sockets are written.
      const commit = departure === undefined ? undefined : this.#commit(departure);
      if (tell !== undefined) void this.#show(tell);
      tell = await commit;
    }
    // Cleared here, not when the promise is settled: a message that is appended in between must wake the loop.
    this.#running = undefined;
    this.#hadChanges = false;
  }

  /** Tells the listener of a batch. Fulfils when the sockets are written, at the end of this turn or of a later one. */
  async #show(tell: () => void): Promise<void> {
    const begun = performance.now();
    tell();
    const told = performance.now() - begun;
    const written = this.#listener?.written?.();
    const waiting = this.#waitingForTold;
    this.#waitingForTold = [];
    for (const resolve of waiting) resolve();
    await nextTurn();
    // Without the time that others' work took meanwhile: a commit need not wait for that.
    this.#showing = told + ((await written) ?? 0);
  }

  #take(): Departure<Post> | undefined {
    if (this.#gathered.isEmpty && this.#probes.length === 0 && this.#changes.size === 0) return undefined;
    // Changes take several trips to the pool. Messages that came during them go alone, and wait for no further ones.
    const areAlone = this.#hadChanges && !this.#gathered.isEmpty;
    this.#hadChanges = !areAlone && this.#changes.size > 0;
    const gathered = this.#gathered.take();
    const departure = {
      jobs: new CommitJobs(this.#probes, this.#changes, this.#hadChanges),
      posts: gathered.posts,
      batch: gathered.build(),
      isProbe: this.#probes.length > 0,
    };
    this.#probes = [];
    return departure;
  }

  /** Commits a batch. Answers the function that tells the listener of the outcome. */
  async #commit(departure: Departure<Post>): Promise<() => void> {
    const { jobs, batch, isProbe } = departure;
    const time = this.#clock.next();
    this.#untold.add(batch);
    const begun = performance.now();
    try {
      // Nothing is awaited before this call: the commit is on its way while the last batch is told.
      const result = await this.#committer.commit(jobs, batch, time);
      const ended = performance.now();
      this.#committing = ended - begun;
      this.#changes.committed(jobs.changes, ended - begun);
      if (result.stored.length > 0) this.#clock.stored(time);
      if (result.stored.length > 0 || isProbe) this.#succeeded(ended);
      for (const error of result.unreadable) this.#listener?.unreadable?.(error);
      return () => this.#tell(departure, result, ended - begun);
    } catch (error) {
      return this.#failure(error, departure);
    }
  }

  #tell({ jobs, posts, batch }: Departure<Post>, result: Result, took: number): void {
    this.#untold.delete(batch);
    this.#tellReceived();
    this.#followed.advance(result.stored);
    for (const [place, write] of jobs.writes.entries()) {
      const failure = result.failures.get(place);
      if (failure === undefined) write.done();
      else write.failed(failure);
    }
    const { stored, outcomes, ids } = result;
    if (posts.length > 0) this.#listener?.committed({ stored, mine: posts, outcomes, ids, took });
    this.#tellReceived();
  }

  /** Tells of what other writers stored, as far as it is next in its log. */
  #tellReceived(): void {
    for (let next = this.#followed.next(); next !== undefined && !this.#isBroken; next = this.#followed.next()) {
      this.#listener?.committed({ stored: [next], mine: [], outcomes: [], ids: [], took: 0 });
    }
  }

  #failure(error: unknown, { jobs, posts, batch }: Departure<Post>): () => void {
    if (!(error instanceof StoreFailure)) {
      this.#isBroken = true;
      this.#listener?.broken(error instanceof Error ? error : new Error(String(error)));
      return () => undefined;
    }
    if (this.#failing === undefined) this.#listener?.writing?.(error);
    this.#failing = error.message;
    jobs.failed();
    return () => {
      this.#untold.delete(batch);
      for (const write of jobs.writes) write.failed(error);
      if (posts.length > 0) this.#listener?.failed(posts, error);
    };
  }

  #succeeded(at: number): void {
    this.#lastCommit = at;
    if (this.#failing === undefined) return;
    this.#failing = undefined;
    this.#listener?.writing?.(undefined);
  }

  async #reset(): Promise<void> {
    const resets = this.#resets;
    this.#resets = [];
    for (const { run, done, failed } of resets) await run().then(done, failed);
  }
}

/** Fulfils in the next turn of the event loop, after what was deferred to the end of this one. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
