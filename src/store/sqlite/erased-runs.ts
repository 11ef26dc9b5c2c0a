// Takes the texts of erased users out of their messages: reads the runs in which they wrote beside the commits, a few
// at a time, and writes those anew that have such texts, in small transactions. Ids, authors and kinds stay. The index
// of what was said knows which runs these are (author-runs.ts); what it has not followed yet is read entirely.
import { setTimeout as sleep } from 'node:timers/promises';
import { DamageError } from '../damage.js';
import type { LogId, UserId } from '../log.js';
import { RunEncoder } from '../run-format.js';
import { StoreFailure } from '../store.js';
import type { RunsOfUsers } from './author-runs.js';
import type { Row, Statement } from './database.js';
import { prepareAll, type Prepared, type ReaderAndWriter } from './prepared.js';
import { isDamagedPage, ReadableRuns } from './readable-runs.js';
import { reading } from './reading.js';
import { runInSteps, wholeRunInSteps } from './run-steps.js';
import { runColumns, type Run } from './runs.js';
import { sumOfRun } from './sums.js';

/** How many runs are read at a time, of 64 KiB at most as a rule. */
const readAtOnce = 64;
/** How many runs, and about how many bytes of them, are written anew in one transaction. */
const [writtenAtOnce, bytesAtOnce] = [64, 256 * 1024];
/** How many keys go in one transaction. */
const keysAtOnce = 200;
/** Milliseconds that a rest between two reads takes at most. */
const longestRest = 50;

const commands = {
  last: 'SELECT coalesce(max(seq), 0) AS last FROM runs',
  read: `SELECT seq, ${runColumns} FROM runs r WHERE seq IN (SELECT value FROM json_each(?))`,
  // Each row gets its part of the joined bytes ?2.
  rewrite: `UPDATE runs SET messages = substr(?2, made.value ->> 1, made.value ->> 2), crc = made.value ->> 3
    FROM json_each(?1) made WHERE runs.seq = made.value ->> 0`,
  forgetKeys: `DELETE FROM keys WHERE (room, author, key) IN
    (SELECT room, author, key FROM keys WHERE room = ?1 AND author = ?2 LIMIT ${keysAtOnce}) RETURNING 1`,
  forgetEdit: 'DELETE FROM edits WHERE room = ? AND about = ? AND id = ?',
} as const;

const olderRun = 'SELECT 1 FROM runs WHERE room = ? AND first < ? LIMIT 1';

/** Carries out a job of a commit. */
export type Write = <Result>(work: () => Promise<Result>) => Promise<Result>;

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

/** A run to be written anew. */
interface Found {
  readonly seq: number;
  readonly bytes: number;
  readonly room: LogId;
}

/** What is known while the texts of users are erased. */
interface Erasing {
  readonly users: ReadonlySet<UserId>;
  /** The users of each log. Of all their messages: those that were deleted before have keys too. */
  readonly written: Map<string, { readonly room: LogId; readonly user: UserId }>;
  readonly damage: Damage;
}

/** The damaged rows that were passed over. */
class Damage {
  readonly logs = new Set<LogId>();
  rows = 0;

  add(log?: LogId): void {
    this.rows += 1;
    if (log !== undefined) this.logs.add(log);
  }
}

/** The runs of a database, out of which the texts of users are taken. */
export class ErasedRuns {
  readonly #readable: ReadableRuns;
  readonly #findOlder: Statement;
  readonly #commands: Prepared<typeof commands>;
  readonly #services: ErasedRunsServices;
  readonly #encoder = new RunEncoder();

  private constructor(
    readable: ReadableRuns,
    findOlder: Statement,
    prepared: Prepared<typeof commands>,
    services: ErasedRunsServices,
  ) {
    this.#readable = readable;
    this.#findOlder = findOlder;
    this.#commands = prepared;
    this.#services = services;
  }

  static async prepare({ reader, writer }: ReaderAndWriter, services: ErasedRunsServices): Promise<ErasedRuns> {
    const readable = await ReadableRuns.prepare(reader, { isLong: true });
    const findOlder = await reader.prepare(olderRun, { isLong: true });
    return new ErasedRuns(readable, findOlder, await prepareAll(writer, commands), services);
  }

  /**
   * Erases the texts of these users, and the keys that they were sent with. Messages that were on their way when it is
   * called are erased too. Passes over damaged rows, and answers how many those were and in which logs. Rejects with
   * StoreFailure or StoreAway.
   */
  async erase(users: ReadonlySet<UserId>): Promise<{ readonly rows: number; readonly logs: readonly LogId[] }> {
    const { write, known } = this.#services;
    const { last: findLast, forgetKeys } = this.#commands;
    // A transaction carries out its jobs before it stores its messages. So those that were on their way at the call are
    // stored at the latest with the first of these two.
    await write(async () => undefined);
    const last = await write(async () => Number((await findLast.all())[0]?.['last']));
    const erasing: Erasing = { users, written: new Map(), damage: new Damage() };
    const runs = await known?.runsOf(users);
    let after = 0;
    if (runs !== undefined && (await this.#eraseKnown(runs, erasing))) after = runs.upTo;
    await this.#eraseBehind(after, last, erasing);
    for (const { room, user } of erasing.written.values())
      while ((await write(() => forgetKeys.all(room, user))).length === keysAtOnce);
    const { rows, logs } = erasing.damage;
    return { rows, logs: [...logs] };
  }

  /** Erases in the runs that are known. Answers whether they are what they were said to be. */
  async #eraseKnown({ written, unsure }: RunsOfUsers, erasing: Erasing): Promise<boolean> {
    const certain = new Set(written);
    const all = [...certain, ...unsure.filter((number) => !certain.has(number))];
    for (let begin = 0; begin < all.length; begin += readAtOnce) {
      const begun = performance.now();
      const { rows, unreadable } = await reading(() => this.#readable.of(all.slice(begin, begin + readAtOnce)));
      const took = performance.now() - begun;
      const others = await this.#eraseInRows(rows, unreadable, erasing);
      if (await this.#areStrange(others.filter(({ seq }) => certain.has(seq)))) {
        this.#services.known?.distrust('its list of authors is of other data');
        erasing.damage.logs.clear();
        erasing.damage.rows = 0;
        return false;
      }
      await this.#rest(took);
    }
    return true;
  }

  /** Erases in all runs behind a number, up to `last`. */
  async #eraseBehind(after: number, last: number, erasing: Erasing): Promise<void> {
    for (let from = after; from < last; ) {
      const begun = performance.now();
      const { rows, unreadable, upTo } = await reading(() => this.#readable.behind(from, last, readAtOnce));
      const took = performance.now() - begun;
      if (upTo === undefined) return;
      await this.#eraseInRows(rows, unreadable, erasing);
      from = upTo;
      await this.#rest(took);
    }
  }

  /** Whether one of the runs can't have had messages of the users: only the oldest of a room may have been trimmed. */
  async #areStrange(runs: readonly (Pick<Run, 'room' | 'first'> & { readonly seq: number })[]): Promise<boolean> {
    for (const { room, first } of runs)
      if ((await reading(() => this.#findOlder.all(room, first))).length > 0) return true;
    return false;
  }

  /** Rests as long as a read took, in milliseconds. */
  async #rest(took: number): Promise<void> {
    if (this.#services.rests) await sleep(Math.min(longestRest, took));
  }

  /** Erases in rows that were read. Answers the runs in which none of the users wrote. */
  async #eraseInRows(
    rows: readonly Row[],
    unreadable: readonly number[],
    { users, written, damage }: Erasing,
  ): Promise<readonly (Run & { readonly seq: number })[]> {
    const found: Found[] = [];
    const others: (Run & { readonly seq: number })[] = [];
    for (const _ of unreadable) damage.add();
    for (const row of rows) {
      const seq = Number(row['seq']);
      const run = await wholeRunInSteps(row);
      if (run === undefined) {
        damage.add(Number(row['room']));
        continue;
      }
      const { room, bytes, columns } = run;
      const theirs = new Set(columns.authors.filter((author) => users.has(author)));
      if (theirs.size === 0) others.push({ ...run, seq });
      for (const user of theirs) written.set(`${room} ${user}`, { room, user });
      if (hasText(run, users)) found.push({ seq, bytes: bytes.length, room });
    }
    await this.#eraseIn(found, { users, damage });
    return others;
  }

  /** Writes runs anew, some in each transaction. */
  async #eraseIn(found: readonly Found[], erasing: Pick<Erasing, 'users' | 'damage'>): Promise<void> {
    for (let begin = 0; begin < found.length; ) {
      let [end, bytes] = [begin, 0];
      while (end < found.length && end - begin < writtenAtOnce && (end === begin || bytes < bytesAtOnce)) {
        bytes += found[end]?.bytes ?? 0;
        end += 1;
      }
      await this.#rewriteSome(found.slice(begin, end), erasing);
      begin = end;
    }
  }

  /** Writes some runs anew; where a damaged page prevents that, each by itself, without those that it prevents. */
  async #rewriteSome(found: readonly Found[], erasing: Pick<Erasing, 'users' | 'damage'>): Promise<void> {
    const numbers = JSON.stringify(found.map(({ seq }) => seq));
    const met = { damage: false };
    try {
      await this.#services.write(() =>
        this.#rewrite(numbers, erasing.users).catch((error: unknown) => {
          met.damage = isDamagedPage(error) || error instanceof DamageError;
          throw error;
        }),
      );
    } catch (error) {
      if (!met.damage || !(error instanceof StoreFailure)) throw error;
      if (found.length === 1) erasing.damage.add(found[0]?.room);
      else for (const each of found) await this.#rewriteSome([each], erasing);
    }
  }

  /** Within a commit. @param seqs the numbers of the rows, as JSON */
  async #rewrite(seqs: string, users: ReadonlySet<UserId>): Promise<void> {
    const { read, rewrite, forgetEdit } = this.#commands;
    const encoder = this.#encoder;
    encoder.clear();
    const made: (readonly [seq: number, begin: number, length: number, crc: number])[] = [];
    for (const row of await read.all(seqs)) {
      const run = await runInSteps(row);
      const begin = encoder.length;
      encodeWithout(encoder, run, users);
      const { room, first, count, time } = run;
      const { authors, kinds, about } = run.columns;
      for (const [at, author] of authors.entries())
        if (users.has(author) && kinds[at] === 'edit') await forgetEdit.run(room, about[at] ?? 0, first + at);
      const bytes = encoder.bytes.subarray(begin);
      made.push([Number(row['seq']), begin + 1, bytes.length, sumOfRun(room, first, first + count - 1, time, bytes)]);
    }
    await rewrite.run(JSON.stringify(made), encoder.bytes);
  }
}

/** Encodes a run. The messages of these users have no texts in it. */
function encodeWithout(encoder: RunEncoder, { bytes, columns }: Run, users: ReadonlySet<UserId>): void {
  encoder.begin();
  const { authors, kinds, about, begins, ends } = columns;
  for (const [at, author] of authors.entries()) {
    const [kind, id, begin, end] = [kinds[at] ?? 'text', about[at] ?? 0, begins[at] ?? 0, ends[at] ?? 0];
    if (users.has(author) || begin === end) encoder.addDeleted(author, kind, id);
    else encoder.add(author, kind, id, bytes, begin, end);
  }
}

/** Whether one of these users has a text in this run. */
function hasText({ columns: { authors, begins, ends } }: Run, users: ReadonlySet<UserId>): boolean {
  return authors.some((author, at) => users.has(author) && begins[at] !== ends[at]);
}
