// Searches messages, and keeps the index for that (search-index.ts): takes what was stored and changed into it step by
// step, merges it, and makes it anew where it is missing, damaged or another data's. Nothing else depends on it.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, reasonOf } from '../../text/reason.js';
import { background } from '../../turns/payer.js';
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage, UserId } from '../log.js';
import type { Search, SearchStep } from '../search.js';
import { StoreBusy, StoreFailure } from '../store.js';
import type { RunsOfUsers } from './author-runs.js';
import type { Statement } from './database.js';
import type { ReaderAndWriter } from './prepared.js';
import { reading } from './reading.js';
import { isDamageOfIndex, removeIndex, SearchIndex, type IndexPosition } from './search-index.js';
import { SearchLag } from './search-lag.js';
import { indexName } from './search-name.js';
import { SearchSource, type SourceState } from './search-source.js';

/** Milliseconds between two complete merges, after which no word is left of what was removed. */
const betweenMerges = 300_000;

/** A merge begins too where the messages since the last one are this share of those before it, and at least so many. */
const [grownShare, leastGrown] = [0.2, 20_000] as const;

/**
 * How many messages a step takes, some milliseconds of work, and how many where more than `far` are behind: each costs
 * a little less then, and the turns of a busy loop that a step waits for are fewer.
 */
const [messagesAtOnce, messagesFarBehind, far] = [512, 4096, 16_384] as const;

/** How many steps a search waits for at most, about four thousand messages, and for how many milliseconds. */
const [mostRefreshing, longestRefresh] = [8, 2000] as const;

/** Milliseconds between two attempts to empty the log. */
const betweenAttempts = 20;

/** The search over SQLite. The methods are those of `Search`, but where they say more. */
export class SqliteSearch implements Search {
  readonly #path: string;
  readonly #source: SearchSource;
  readonly #forget: Statement;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;
  #index: SearchIndex | undefined;
  /** Why the index that was open can't be used any more. */
  #broken: string | undefined;
  /** Why it was begun anew, until a step has told it. */
  #anew: string | undefined;
  /** What uses the index, one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** What has not begun yet. */
  #refreshing: Promise<void> | undefined;
  #isClosed = false;
  /** Where the merge that is under way began. */
  #merging: IndexPosition | undefined;
  /** When the last merge ended. An earlier process may have been about to merge. */
  #merged = -Infinity;
  readonly #lag = new SearchLag();

  private constructor(
    path: string,
    source: SearchSource,
    forget: Statement,
    commits: Pick<GroupCommit<NewMessage>, 'write'>,
  ) {
    this.#path = path;
    this.#source = source;
    this.#forget = forget;
    this.#commits = commits;
  }

  /** @param folder that of the data. The index is opened by the first step. */
  static async prepare(
    folder: string,
    { reader, writer }: ReaderAndWriter,
    commits: Pick<GroupCommit<NewMessage>, 'write'>,
  ): Promise<SqliteSearch> {
    const forget = await writer.prepare('DELETE FROM searched_changes WHERE number <= ?');
    return new SqliteSearch(join(folder, indexName), await SearchSource.prepare(reader), forget, commits);
  }

  get behindSince(): number | undefined {
    return this.#lag.since;
  }

  get behind(): number {
    return this.#lag.messages;
  }

  find(...asked: Parameters<Search['find']>): ReturnType<Search['find']> {
    return reading(async () => {
      const index = this.#index;
      if (index === undefined) throw new StoreFailure('the index of what was said is not open');
      try {
        return await index.find(...asked);
      } catch (error) {
        if (isDamageOfIndex(error)) this.#broken = messageOf(error);
        throw error;
      }
    });
  }

  step(): Promise<SearchStep> {
    return this.#alone(async () => {
      const step = await this.#step(false);
      const anew = this.#anew;
      this.#anew = undefined;
      return anew === undefined ? step : { ...step, anew };
    });
  }

  refresh(): Promise<void> {
    // Whoever comes before it begins shares it.
    this.#refreshing ??= this.#alone(async () => {
      this.#refreshing = undefined;
      for (let steps = 0; steps < mostRefreshing && (await this.#step(true)).more; steps += 1);
    }).catch(() => undefined);
    // A purge that is under way may take longer.
    return soon(this.#refreshing, longestRefresh);
  }

  /**
   * Finds the runs in which these users wrote, as far as the index has followed. Undefined where it can't be used.
   * Never rejects.
   */
  runsOf(users: ReadonlySet<UserId>): Promise<RunsOfUsers | undefined> {
    return this.#alone(async () => {
      if (this.#isClosed || (this.#index === undefined && !existsSync(this.#path))) return undefined;
      try {
        return await (await this.#open()).runsOf(users);
      } catch (error) {
        if (isDamageOfIndex(error)) this.#broken = messageOf(error);
        return undefined;
      }
    });
  }

  /** Has the next step begin the index anew. @param reason what is wrong with it */
  distrust(reason: string): void {
    this.#broken = reason;
  }

  /**
   * Fulfils when no word is left in the index's files of what was removed before the call. Rejects with StoreFailure
   * where the file can be neither written nor removed.
   * @param goOn is called before each step, and throws where there is to be none
   */
  async purge(goOn: () => void = () => undefined): Promise<void> {
    await this.#alone(async () => {
      if (this.#isClosed || (this.#index === undefined && !existsSync(this.#path))) return;
      try {
        await this.#purge(goOn);
      } catch {
        goOn();
        // It is made anew by the next step.
        await this.#close();
        this.#remove();
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#alone(() => this.#close());
  }

  async #close(): Promise<void> {
    const index = this.#index;
    this.#index = undefined;
    this.#merging = undefined;
    await index?.close().catch(() => undefined);
  }

  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** @param isRefreshing whether merging can wait */
  async #step(isRefreshing: boolean): Promise<SearchStep> {
    if (this.#isClosed) return { count: 0, more: false };
    const index = await this.#open();
    try {
      const position = await index.position();
      const step = await this.#follow(index, position);
      if (isRefreshing || (step.more && !this.#isMergeDue(position))) return step;
      const isMerging = await this.#mergeStep(index, position);
      return { ...step, more: step.more || isMerging };
    } catch (error) {
      if (!isDamageOfIndex(error)) throw error;
      this.#broken = messageOf(error);
      return { count: 0, more: true };
    }
  }

  /** Opens the index, and begins it anew where it can't be used. */
  async #open(): Promise<SearchIndex> {
    const isThere = existsSync(this.#path);
    const reason = this.#broken ?? (this.#index !== undefined && !isThere ? 'its file was removed' : undefined);
    if (this.#index !== undefined && reason === undefined) return this.#index;
    await this.#close();
    if (reason !== undefined) return this.#begin(reason);
    // Read before the index is made: what is stored meanwhile is no reason to say that it was missing.
    const isMissing = !isThere && (await this.#source.state(0, 0)).newest > 0;
    try {
      const index = await SearchIndex.open(this.#path);
      const strange = await this.#strangeness(index).catch(async (error: unknown) => {
        await index.close().catch(() => undefined);
        throw error;
      });
      if (strange === undefined) {
        this.#index = index;
        if (isMissing) this.#anew = 'it was missing';
        return index;
      }
      await index.close();
      return await this.#begin(strange);
    } catch (error) {
      if (!isDamageOfIndex(error)) throw error;
      return this.#begin(messageOf(error));
    }
  }

  async #begin(anew: string): Promise<SearchIndex> {
    removeIndex(this.#path);
    this.#broken = undefined;
    this.#anew = anew;
    this.#index = await SearchIndex.open(this.#path);
    return this.#index;
  }

  #remove(): void {
    // What is no file has no word of ours, and is not ours to remove.
    if (statSync(this.#path, { throwIfNoEntry: false })?.isFile() === false) return;
    try {
      removeIndex(this.#path);
    } catch (error) {
      throw new StoreFailure(`the index of what was said can't be removed: ${reasonOf(error)}`);
    }
  }

  /** Why the index is not that of this data; undefined where it can be. */
  async #strangeness(index: SearchIndex): Promise<string | undefined> {
    const { seq, room, last } = await index.position();
    const { newest, at } = await this.#source.state(seq, seq);
    const isOther = newest < seq || (at !== undefined && (at.room !== room || at.last !== last));
    return isOther ? 'it is of other data' : undefined;
  }

  /** Takes a little of what is new. */
  async #follow(index: SearchIndex, { seq, room, last }: IndexPosition): Promise<Omit<SearchStep, 'anew'>> {
    const { isChanged, time, newest } = await this.#look(seq);
    if (isChanged && (await this.#takeChanges(index))) return { count: 0, more: true };
    const many = this.behind > far ? messagesFarBehind : messagesAtOnce;
    const next = time === undefined ? undefined : await this.#source.after({ seq, room, last }, newest, many);
    if (next === undefined) return { count: 0, more: false };
    await index.write(next);
    this.#lag.took(next.upTo.seq, next.upTo.added);
    const after = await this.#look(next.upTo.seq);
    return { count: next.upTo.added, more: after.time !== undefined || after.isChanged, isBusy: this.#lag.isBusy };
  }

  /** Looks how far the index is behind, which is at the run `seq`. */
  async #look(seq: number): Promise<SourceState> {
    const state = await this.#source.state(seq, this.#lag.countFrom(seq));
    this.#lag.saw(state);
    return state;
  }

  /** Takes note of some texts that were changed or removed. Answers whether there were any. */
  async #takeChanges(index: SearchIndex): Promise<boolean> {
    const change = await this.#source.changed();
    if (change === undefined) return false;
    await index.write(change);
    // A process that ends before this does the same again.
    for (;;) {
      try {
        await this.#commits.write(() => this.#forget.run(change.number), background);
        return true;
      } catch (error) {
        if (!(error instanceof StoreBusy)) throw error;
        await sleep(error.retryAfter);
      }
    }
  }

  /** Whether words of what was removed have stood in the file for long: then a merge can't wait for a quiet time. */
  #isMergeDue({ removals, purged }: IndexPosition): boolean {
    return removals > purged && performance.now() - this.#merged > betweenMerges;
  }

  /** Merges a part, where it is time to. Answers whether it shall go on. */
  async #mergeStep(index: SearchIndex, position: IndexPosition): Promise<boolean> {
    const { added, merged } = position;
    const isGrown = added - merged > Math.max(leastGrown, merged * grownShare);
    if (this.#merging === undefined && !isGrown && !this.#isMergeDue(position)) return false;
    const isFirst = this.#merging === undefined;
    this.#merging ??= position;
    if (!(await index.merge(isFirst)) || (await index.giveBack())) return true;
    await index.finishMerge(this.#merging);
    this.#merging = undefined;
    this.#merged = performance.now();
    await index.emptyLog();
    return false;
  }

  async #purge(goOn: () => void): Promise<void> {
    goOn();
    const index = await this.#open();
    while (await this.#takeChanges(index)) goOn();
    const position = await index.position();
    if (position.removals > position.purged) {
      for (let isFirst = true; !(await index.merge(isFirst)); isFirst = false) goOn();
      while (await index.giveBack()) goOn();
      await index.finishMerge(position);
      this.#merging = undefined;
      this.#merged = performance.now();
    }
    while (!(await index.emptyLog())) {
      goOn();
      await sleep(betweenAttempts);
    }
  }
}

/** Fulfils when `work` does, or after so many milliseconds. */
async function soon(work: Promise<void>, milliseconds: number): Promise<void> {
  const waiting = new AbortController();
  const limit = sleep(milliseconds, undefined, { ref: false, signal: waiting.signal }).catch(() => undefined);
  await Promise.race([work, limit]);
  waiting.abort();
}
