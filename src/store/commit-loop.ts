// The loop that commits: one batch at a time, and the disk works while the batch before is shown. Where showing takes
// much longer than a commit, the next commit waits for it. group-commit.ts decides what a batch holds, and who is told
// of it.
import type { Written } from './log.js';

/**
 * Where showing a batch takes this many times as long as a commit, the next commit waits until the batch is shown.
 * Otherwise the next batch would take the few messages that are there, and leave the others to one more batch, which
 * costs every member one more write: a third of the time in a room of 5,000. This is for writes of one line each. Where
 * a write has more lines, many messages come while a batch is shown, and a wait pays that much sooner: from as long as
 * a commit on, for which the event loop would have nothing to do.
 */
const slowShowingRatio = 16;

/** The same where a commit took no time: milliseconds of a showing whose writes have one line each. */
const minSlowShowing = 10;

/** What a showing took where nobody says so. */
const unknown: Written = { milliseconds: 0, linesPerWrite: 1 };

/** What is left to do after a commit. */
export interface Committed<Work> {
  readonly work: Work;
  /** Tells everybody who waits what became of the batch. It shows the messages that were stored. */
  readonly tell: () => void;
  /** How long the commit took, in milliseconds; undefined where it failed. */
  readonly took: number | undefined;
}

/** The steps of the loop. */
export interface CommitSteps<Work> {
  /** Does what has to precede the next commit. Undefined where there is nothing to do. */
  readonly prepare: () => Promise<void> | undefined;
  /**
   * Takes what the next commit stores. Undefined where nothing waits.
   * @param hasRested whether nothing waited before: this is the first batch since the loop has stopped
   */
  readonly take: (hasRested: boolean) => Work | undefined;
  /** Commits it. Never rejects. The commit is on its way when the call returns. */
  readonly commit: (work: Work) => Promise<Committed<Work>>;
  /**
   * Fulfils when what was told of the work has been written to the sockets, with what the writing took. Undefined where
   * nobody says so.
   */
  readonly written: (work: Work) => Promise<Written> | undefined;
}

/** Commits what waits, until nothing does. */
export class CommitLoop<Work> {
  readonly #steps: CommitSteps<Work>;
  #running: Promise<void> | undefined;
  #isEnded = false;
  /** How long the last commit took, in milliseconds. */
  #committing = 0;
  /** What the last showing took. */
  #showing = unknown;

  constructor(steps: CommitSteps<Work>) {
    this.#steps = steps;
  }

  /** Whether `end` was called. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Starts the loop, unless it runs. To be called whenever something has begun to wait. */
  wake(): void {
    this.#running ??= new Promise<void>((resolve) => {
      // Runs at the end of the turn: all that the sockets brought in it goes into one batch.
      setImmediate(() => void this.#run().then(resolve));
    });
  }

  /** Commits nothing more, and tells nobody of the commit that is on its way. */
  end(): void {
    this.#isEnded = true;
  }

  /** Fulfils when nothing waits any more, and everybody has been told. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    const { prepare, take, commit } = this.#steps;
    let done: Committed<Work> | undefined;
    for (let isFirst = true; !this.#isEnded; isFirst = false) {
      if (done !== undefined && this.#isSlowToShow) {
        await this.#show(done);
        // What has come meanwhile is read in the next turn of the event loop.
        await nextTurn();
        done = undefined;
      }
      // After everything else that waits in this loop: whoever asks during a wait would be forgotten by the `break`.
      for (let preparing = prepare(); preparing !== undefined; preparing = prepare()) await preparing;
      const work = take(isFirst);
      if (work === undefined && done === undefined) break;
      // The next commit starts before the last batch is shown: the disk works while the sockets are written.
      const committing = work === undefined ? undefined : commit(work);
      if (done !== undefined) void this.#show(done);
      done = await committing;
      if (done?.took !== undefined) this.#committing = done.took;
    }
    // Cleared here, not when the promise is settled: a message that is appended in between must wake the loop.
    this.#running = undefined;
  }

  /** Tells of a batch. Fulfils when the sockets are written, at the end of this turn or of a later one. */
  async #show({ work, tell }: Committed<Work>): Promise<void> {
    const begun = performance.now();
    tell();
    const told = performance.now() - begun;
    const written = this.#steps.written(work);
    await nextTurn();
    // Without the time that others' work took meanwhile: a commit need not wait for that.
    const { milliseconds, linesPerWrite } = (await written) ?? unknown;
    this.#showing = { milliseconds: told + milliseconds, linesPerWrite };
  }

  /** Whether the next commit should wait until the last batch is shown. */
  get #isSlowToShow(): boolean {
    const { milliseconds, linesPerWrite } = this.#showing;
    const least = Math.max(slowShowingRatio * this.#committing, minSlowShowing) / Math.max(1, linesPerWrite);
    return milliseconds > Math.max(least, this.#committing);
  }
}

/** Fulfils in the next turn of the event loop, after what was deferred to the end of this one. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
