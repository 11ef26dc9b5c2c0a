// The heart of every store: while one batch is on its way to disk, the next gathers by itself. There is no timer and no
// size to tune. An idle store commits what came in one turn of the event loop. A busy one commits all messages that
// came during the last commit, up to what can be shown in one step, and as many changes of the directory as don't make
// them wait. Where both wait all the time, every other commit has messages alone.
import { GatheredMessages } from './batch-builder.js';
import type { Payer } from '../turns/payer.js';
import { CommitLoop, type Committed } from './commit-loop.js';
import type { Batch, Committer, Result } from './committer.js';
import { FollowedLogs } from './followed-logs.js';
import { CommitJobs, defaultJobLimits, JobQueue, type JobLimits, type Write } from './group-commit-jobs.js';
import { HeadReader } from './head-reader.js';
import type { FollowedLog, LogId, LogListener, Messages, NewMessage, Taken, Writing } from './log.js';
import { MessageClock } from './message-clock.js';
import { StoreFailure, type StoreAway } from './store.js';
import { WritingState } from './writing-state.js';

/**
 * Messages gathered beyond this many UTF-16 units of text are refused (code 16) until a commit makes room. No setting:
 * only a disk that hangs lets so many gather, and more would wait longer.
 */
const maxGathered = 64 * 1024 * 1024;

/** What one commit carries out and stores. */
interface CommitWork<Post> {
  readonly jobs: CommitJobs;
  readonly posts: readonly Post[];
  /** How many read the logs of the messages. */
  readonly readers: number;
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
  readonly #heads = new HeadReader(this.#gathered);
  readonly #changes: JobQueue;
  /** Writes of the next commit, whatever else waits. */
  #probes: Write[] = [];
  /** Calls of `resetTime` that wait. */
  #resets: Write[] = [];
  readonly #loop: CommitLoop<CommitWork<Post>>;
  readonly #state: WritingState;
  #isTellingReceived = false;
  #isClosed = false;
  /** Whether the last commit had changes of the directory, and the store has not rested since. */
  #hadChanges = false;

  /**
   * @param newestTime the time of the newest stored message, in milliseconds since 1970: no later message gets an
   * earlier one (PROTOCOL.md §4.1)
   * @param failing why writes would fail now, where that is known from the start
   */
  constructor(committer: Committer, newestTime: number, failing?: string, limits: JobLimits = defaultJobLimits) {
    this.#changes = new JobQueue(limits);
    this.#state = new WritingState(failing);
    this.#committer = committer;
    this.#clock = new MessageClock(newestTime, (milliseconds, newest) =>
      this.#listener?.behind?.(milliseconds, newest),
    );
    this.#loop = new CommitLoop({
      prepare: () => (this.#resets.length > 0 ? this.#reset() : undefined),
      take: (hasRested) => this.#take(hasRested),
      commit: (work) => this.#commit(work),
      written: ({ readers }) => this.#listener?.written?.(readers),
    });
  }

  /** As `MessageLog.listen`. */
  listen(listener: LogListener<Post>): void {
    this.#listener = listener;
    this.#clock.watch();
    this.#state.listen(listener);
  }

  /** As `MessageLog.writing`. */
  get writing(): Writing {
    return { ...this.#state.current, behind: this.#clock.behind };
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
    return this.#promise(
      async () => {
        await this.#committer.allowEarlier();
        return this.#clock.reset();
      },
      (write) => void this.#resets.push(write),
    );
  }

  /** As `MessageLog.taking`. */
  get taking(): Taken {
    if (this.#state.away !== undefined) return 'away';
    return this.#isClosed || this.#gathered.units > maxGathered ? 'full' : 'taken';
  }

  /** As `MessageLog.append`. */
  append(post: Post): Taken {
    const { taking } = this;
    if (taking !== 'taken') return taking;
    this.#gathered.add(post);
    this.#heads.appended(post.log);
    this.#loop.wake();
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

  /**
   * Promises the outcome of some work. Rejects at once where nothing is taken.
   * @param enqueue has the work wait for its turn
   */
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
      this.#loop.wake();
    });
  }

  /**
   * As `MessageLog.follow`.
   * @param readHead reads the id of the newest stored message, once or several times (head-reader.ts)
   */
  async follow(log: LogId, readHead: () => number | Promise<number>): Promise<FollowedLog> {
    this.#followed.prepare(log);
    try {
      return await this.#heads.read(log, readHead, (head) => this.#followed.open(log, head));
    } finally {
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
    this.#state.setAway(failure);
  }

  /** Fulfils when everything that was taken is committed and the listener has been told. */
  drain(): Promise<void> {
    return this.#loop.drain();
  }

  /** Takes nothing more. Fulfils as `drain` does. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.drain();
  }

  /** Why no write is taken now. */
  get #refused(): Error | undefined {
    return this.#isClosed ? new StoreFailure('the store is closed') : this.#state.away;
  }

  /** Takes the work of the next commit. Undefined where nothing waits. */
  #take(hasRested: boolean): CommitWork<Post> | undefined {
    if (hasRested) this.#hadChanges = false;
    if (this.#gathered.isEmpty && this.#probes.length === 0 && this.#changes.size === 0) return undefined;
    // Changes take several trips to the pool. Messages that came during them go alone, and wait for no further ones.
    const areAlone = this.#hadChanges && !this.#gathered.isEmpty;
    this.#hadChanges = !areAlone && this.#changes.size > 0;
    const gathered = this.#gathered.take();
    const work = {
      jobs: new CommitJobs(this.#probes, this.#changes, this.#hadChanges),
      posts: gathered.posts,
      readers: gathered.readers,
      batch: gathered.build(),
      isProbe: this.#probes.length > 0,
    };
    this.#probes = [];
    return work;
  }

  /** Commits. Nothing is awaited before the committer is called. Never rejects. */
  async #commit(work: CommitWork<Post>): Promise<Committed<CommitWork<Post>>> {
    const { jobs, batch, isProbe } = work;
    const time = this.#clock.next();
    this.#heads.started(batch);
    const begun = performance.now();
    try {
      const result = await this.#committer.commit(jobs, batch, time);
      const ended = performance.now();
      const took = ended - begun;
      this.#changes.committed(jobs.changes, took);
      if (result.stored.length > 0) this.#clock.stored(time);
      if (result.stored.length > 0 || isProbe) this.#state.succeeded(ended);
      for (const error of result.unreadable) this.#listener?.unreadable?.(error);
      return { work, tell: () => this.#tell(work, result, took), took };
    } catch (error) {
      return { work, tell: this.#failure(error, work), took: undefined };
    }
  }

  /** Tells of a commit that succeeded. */
  #tell({ jobs, posts, batch }: CommitWork<Post>, result: Result, took: number): void {
    this.#heads.told(batch);
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
    for (let next = this.#followed.next(); next !== undefined && !this.#loop.isEnded; next = this.#followed.next()) {
      this.#listener?.committed({ stored: [next], mine: [], outcomes: [], ids: [], took: 0 });
    }
  }

  /** Answers the function that tells of a failed commit. Where the outcome can't be known, nothing more is told. */
  #failure(error: unknown, { jobs, posts, batch }: CommitWork<Post>): () => void {
    if (!(error instanceof StoreFailure)) {
      this.#loop.end();
      this.#listener?.broken(error instanceof Error ? error : new Error(String(error)));
      return () => undefined;
    }
    this.#state.failed(error);
    jobs.failed();
    return () => {
      this.#heads.told(batch);
      for (const write of jobs.writes) write.failed(error);
      if (posts.length > 0) this.#listener?.failed(posts, error);
    };
  }

  /** Carries out the calls of `resetTime` that wait. */
  async #reset(): Promise<void> {
    const resets = this.#resets;
    this.#resets = [];
    for (const { run, done, failed } of resets) await run().then(done, failed);
  }
}
