// Searches messages, and has the index for that (search-index.ts) follow what is stored and changed, step by step.
// Whatever uses the index does so one after the other, but for searches.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { background } from '../../turns/payer.js';
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage, UserId } from '../log.js';
import type { Search, SearchStep } from '../search.js';
import { StoreBusy, StoreFailure } from '../store.js';
import type { RunsOfUsers } from './author-runs.js';
import type { Statement } from './database.js';
import type { ReaderAndWriter } from './prepared.js';
import { reading } from './reading.js';
import { SearchFile } from './search-file.js';
import type { IndexPosition, SearchIndex } from './search-index.js';
import { SearchLag } from './search-lag.js';
import { SearchMerges } from './search-merges.js';
import { indexName } from './search-name.js';
import { SearchSource, type SourceState } from './search-source.js';

/**
 * How many messages a step takes, some milliseconds of work, and how many where more than `far` are behind: each costs
 * a little less then, and the turns of a busy loop that a step waits for are fewer.
 */
const [messagesAtOnce, messagesFarBehind, far] = [512, 4096, 16_384] as const;

/** How many steps a search waits for at most, about four thousand messages, and for how many milliseconds. */
const [mostRefreshing, longestRefresh] = [8, 2000] as const;

/** The search over SQLite. The methods are those of `Search`, but where they say more. */
export class SqliteSearch implements Search {
  readonly #file: SearchFile;
  readonly #source: SearchSource;
  readonly #forget: Statement;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;
  readonly #merges = new SearchMerges();
  /** The last piece of work that uses the index. The next one begins when it has ended. */
  #last: Promise<unknown> = Promise.resolve();
  /** The refresh that has not begun yet. */
  #refreshing: Promise<void> | undefined;
  #isClosed = false;
  readonly #lag = new SearchLag();

  private constructor(
    path: string,
    source: SearchSource,
    forget: Statement,
    commits: Pick<GroupCommit<NewMessage>, 'write'>,
  ) {
    this.#file = new SearchFile(path, source);
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
      const { index } = this.#file;
      if (index === undefined) throw new StoreFailure('the index of what was said is not open');
      try {
        return await index.find(...asked);
      } catch (error) {
        this.#file.noteDamage(error);
        throw error;
      }
    });
  }

  step(): Promise<SearchStep> {
    return this.#alone(async () => {
      const step = await this.#step(false);
      const anew = this.#file.takeReason();
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
      if (this.#isClosed || !this.#file.isThere) return undefined;
      try {
        return await (await this.#file.open()).runsOf(users);
      } catch (error) {
        this.#file.noteDamage(error);
        return undefined;
      }
    });
  }

  /** Has the next step begin the index anew. @param reason what is wrong with it */
  distrust(reason: string): void {
    this.#file.distrust(reason);
  }

  /**
   * Fulfils when no word is left in the index's files of what was removed before the call. Rejects with StoreFailure
   * where the file can be neither written nor removed.
   * @param goOn is called before each step, and throws where there is to be none
   */
  async purge(goOn: () => void = () => undefined): Promise<void> {
    await this.#alone(async () => {
      if (this.#isClosed || !this.#file.isThere) return;
      try {
        await this.#purge(goOn);
      } catch {
        goOn();
        // It is made anew by the next step.
        await this.#file.close();
        this.#file.remove();
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#alone(() => this.#file.close());
  }

  /** Carries out some work when all that came before it has ended. */
  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** @param isRefreshing whether merging can wait */
  async #step(isRefreshing: boolean): Promise<SearchStep> {
    if (this.#isClosed) return { count: 0, more: false };
    const index = await this.#file.open();
    try {
      const position = await index.position();
      const step = await this.#follow(index, position);
      if (isRefreshing || (step.more && !this.#merges.isDue(position))) return step;
      const isMerging = await this.#merges.step(index, position);
      return { ...step, more: step.more || isMerging };
    } catch (error) {
      if (!this.#file.noteDamage(error)) throw error;
      return { count: 0, more: true };
    }
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

  async #purge(goOn: () => void): Promise<void> {
    goOn();
    const index = await this.#file.open();
    while (await this.#takeChanges(index)) goOn();
    await this.#merges.complete(index, goOn);
  }
}

/** Fulfils when `work` does, or after so many milliseconds. */
async function soon(work: Promise<void>, milliseconds: number): Promise<void> {
  const waiting = new AbortController();
  const limit = sleep(milliseconds, undefined, { ref: false, signal: waiting.signal }).catch(() => undefined);
  await Promise.race([work, limit]);
  waiting.abort();
}
