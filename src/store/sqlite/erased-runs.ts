// Takes the texts of erased users out of their messages: reads the runs in which they wrote beside the commits, a few
// at a time, makes them anew without such texts, and has many written in each of some small transactions. Ids, authors
// and kinds stay. The index of what was said knows which runs these are (author-runs.ts); what it has not followed yet
// is read entirely.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogId, UserId } from '../log.js';
import type { RunsOfUsers } from './author-runs.js';
import type { Row, Statement } from './database.js';
import { ErasedKeys, type WrittenIn } from './erased-keys.js';
import { Pace } from './pace.js';
import type { ReaderAndWriter } from './prepared.js';
import { ReadableRuns } from './readable-runs.js';
import { reading } from './reading.js';
import { RewrittenRuns } from './rewritten-runs.js';
import { RunRewriter } from './run-rewriter.js';
import { wholeRunInSteps } from './run-steps.js';
import type { Run } from './runs.js';
import type { Write } from './write.js';

/** How many runs, and about how many bytes of them, are read at a time. One may be longer. */
const [readAtOnce, readBytes] = [256, 512 * 1024];
/** How many runs, and about how many bytes of them, are written anew in one transaction. One may be longer. */
const [writtenAtOnce, writtenBytes] = [256, 256 * 1024];
/** Milliseconds that a rest between two reads takes at most. */
const longestRest = 50;
/** How often a run is read again that others have changed before it was written. Each change removes some of it. */
const mostReads = 100;

const newestRun = 'SELECT coalesce(max(seq), 0) AS last FROM runs';
const olderRun = 'SELECT 1 FROM runs WHERE room = ? AND first < ? LIMIT 1';

/** Knows which runs users wrote in. */
export interface KnownRuns {
  /** Undefined where it can't tell. Never rejects. */
  runsOf(users: ReadonlySet<UserId>): Promise<RunsOfUsers | undefined>;
  /** Is told that what it said is wrong. */
  distrust(reason: string): void;
}

/** How it works beside others. */
export interface ErasedRunsServices {
  readonly write: Write;
  /** Where there is none, all runs are read. */
  readonly known: KnownRuns | undefined;
  /** Whether it rests between its reads, because others use the database. */
  readonly rests: boolean;
}

/** What is known while the texts of users are erased. */
interface Erasing {
  readonly users: ReadonlySet<UserId>;
  /** Where they wrote. All their messages count: those that were deleted before have keys too. */
  readonly written: Map<string, WrittenIn>;
  readonly damage: Damage;
}

/** Rows that were read, and the numbers at which nothing can be read. */
interface Rows {
  readonly rows: readonly Row[];
  readonly unreadable: readonly number[];
}

/** A run in which none of the users wrote. */
type Other = Pick<Run, 'room' | 'first'> & { readonly seq: number };

/** The damaged rows that were passed over. */
class Damage {
  readonly logs = new Set<LogId>();
  rows = 0;

  add(log?: LogId): void {
    this.rows += 1;
    if (log !== undefined) this.logs.add(log);
  }
}

interface Parts {
  readonly readable: ReadableRuns;
  readonly findOlder: Statement;
  /** Within a commit. */
  readonly findNewest: Statement;
  readonly rewriter: RunRewriter;
  readonly keys: ErasedKeys;
}

/** The runs of a database, out of which the texts of users are taken. */
export class ErasedRuns {
  readonly #parts: Parts;
  readonly #services: ErasedRunsServices;

  private constructor(parts: Parts, services: ErasedRunsServices) {
    this.#parts = parts;
    this.#services = services;
  }

  static async prepare(connections: ReaderAndWriter, services: ErasedRunsServices): Promise<ErasedRuns> {
    const { reader, writer } = connections;
    const parts = {
      readable: await ReadableRuns.prepare(reader, { isLong: true }),
      findOlder: await reader.prepare(olderRun, { isLong: true }),
      findNewest: await writer.prepare(newestRun),
      rewriter: await RunRewriter.prepare(writer, services.write),
      keys: await ErasedKeys.prepare(connections, services.write),
    };
    return new ErasedRuns(parts, services);
  }

  /**
   * Erases the texts of these users, and the keys that they were sent with. Messages that were on their way when it is
   * called are erased too. Passes over damaged rows, and answers how many those were and in which logs. Rejects with
   * StoreFailure or StoreAway.
   */
  async erase(users: ReadonlySet<UserId>): Promise<{ readonly rows: number; readonly logs: readonly LogId[] }> {
    const { write, known } = this.#services;
    // A transaction carries out its jobs before it stores its messages. So those that were on their way at the call are
    // stored at the latest with the first of these two.
    await write(async () => undefined);
    const last = await write(async () => Number((await this.#parts.findNewest.all())[0]?.['last']));
    const erasing: Erasing = { users, written: new Map(), damage: new Damage() };
    const runs = await known?.runsOf(users);
    let after = 0;
    if (runs !== undefined && (await this.#eraseKnown(runs, erasing))) after = runs.upTo;
    await this.#eraseBehind(after, last, erasing);
    await this.#parts.keys.erase([...erasing.written.values()]);
    const { rows, logs } = erasing.damage;
    return { rows, logs: [...logs] };
  }

  /** Erases in the runs that are known. Answers whether they are what they were said to be. */
  async #eraseKnown({ written, unsure }: RunsOfUsers, erasing: Erasing): Promise<boolean> {
    const certain = new Set(written);
    const all = [...new Set([...written, ...unsure])].sort((one, other) => one - other);
    for (let begin = 0; begin < all.length; ) {
      const asked = all.slice(begin, begin + readAtOnce);
      const begun = performance.now();
      const { looked, ...read } = await reading(() => this.#parts.readable.of(asked, readBytes));
      const took = performance.now() - begun;
      const others = await this.#eraseInRows(read, erasing);
      if (await this.#areStrange(others.filter(({ seq }) => certain.has(seq)))) {
        this.#services.known?.distrust('its list of authors is of other data');
        erasing.damage.logs.clear();
        erasing.damage.rows = 0;
        return false;
      }
      await this.#rest(begun, took);
      begin += looked;
    }
    return true;
  }

  /** Erases in all runs behind a number, up to `last`. */
  async #eraseBehind(after: number, last: number, erasing: Erasing): Promise<void> {
    for (let from = after; from < last; ) {
      const begun = performance.now();
      const { upTo, ...read } = await reading(() => this.#parts.readable.behind(from, last, readAtOnce));
      const took = performance.now() - begun;
      if (upTo === undefined) return;
      await this.#eraseInRows(read, erasing);
      await this.#rest(begun, took);
      from = upTo;
    }
  }

  /** Whether one of the runs can't have had messages of the users: only the oldest of a room may have been trimmed. */
  async #areStrange(runs: readonly Other[]): Promise<boolean> {
    for (const { room, first } of runs)
      if ((await reading(() => this.#parts.findOlder.all(room, first))).length > 0) return true;
    return false;
  }

  /**
   * Lets others read as long as a read took: also while what it has read was worked on.
   * @param begun when the read began, and how many milliseconds it took
   */
  async #rest(begun: number, took: number): Promise<void> {
    const left = begun + 2 * took - performance.now();
    if (this.#services.rests && left > 0) await sleep(Math.min(longestRest, left));
  }

  /** Erases in rows that were read. @param reads how often they were read before */
  async #eraseInRows({ rows, unreadable }: Rows, erasing: Erasing, reads = 0): Promise<readonly Other[]> {
    const { users, written, damage } = erasing;
    const others: Other[] = [];
    const anew = new RewrittenRuns();
    const pace = new Pace();
    for (const _ of unreadable) damage.add();
    for (const row of rows) {
      const seq = Number(row['seq']);
      const run = await wholeRunInSteps(row, pace);
      if (run === undefined) {
        damage.add(Number(row['room']));
        continue;
      }
      const { room, first, columns } = run;
      const theirs = new Set(columns.authors.filter((author) => users.has(author)));
      if (theirs.size === 0) others.push({ seq, room, first });
      for (const user of theirs) written.set(`${room} ${user}`, [room, user]);
      if (hasText(run, users)) anew.add(seq, run, (at) => users.has(columns.authors[at] ?? 0));
      if (anew.runs.length === writtenAtOnce || anew.work >= writtenBytes) await this.#write(anew, erasing, reads);
      await pace.giveWay();
    }
    await this.#write(anew, erasing, reads);
    return others;
  }

  /** Writes runs, and clears them. Those that others have changed meanwhile are read again. */
  async #write(anew: RewrittenRuns, erasing: Erasing, reads: number): Promise<void> {
    if (anew.runs.length === 0) return;
    const { changed, damaged } = await this.#parts.rewriter.write(anew.runs, anew.bytes);
    anew.clear();
    for (const { room } of damaged) erasing.damage.add(room);
    if (changed.length === 0) return;
    if (reads === mostReads) for (const { room } of changed) erasing.damage.add(room);
    else
      await this.#eraseAgain(
        changed.map(({ seq }) => seq),
        erasing,
        reads + 1,
      );
  }

  async #eraseAgain(numbers: readonly number[], erasing: Erasing, reads: number): Promise<void> {
    for (let begin = 0; begin < numbers.length; ) {
      const asked = numbers.slice(begin);
      const { looked, ...read } = await reading(() => this.#parts.readable.of(asked, readBytes));
      await this.#eraseInRows(read, erasing, reads);
      begin += looked;
    }
  }
}

/** Whether one of these users has a text in this run. */
function hasText({ columns: { authors, begins, ends } }: Run, users: ReadonlySet<UserId>): boolean {
  return authors.some((author, at) => users.has(author) && begins[at] !== ends[at]);
}
