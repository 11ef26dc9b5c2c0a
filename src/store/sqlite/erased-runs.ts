// Takes the texts of erased users out of their messages: reads all runs beside the commits, a few at a time, and writes
// those anew that have such texts, in small transactions. Ids, authors and kinds stay.
import { setTimeout as sleep } from 'node:timers/promises';
import type { UserId } from '../log.js';
import { RunEncoder } from '../run-format.js';
import type { Statement } from './database.js';
import { prepareAll, type Prepared, type ReaderAndWriter } from './prepared.js';
import { reading } from './reading.js';
import { runColumns, runOf, type Run } from './runs.js';
import { sumOfRun } from './sums.js';

/** How many runs are read at a time, of 64 KiB at most as a rule. */
const readAtOnce = 32;
/** How many runs, and about how many bytes of them, are written anew in one transaction. */
const [writtenAtOnce, bytesAtOnce] = [16, 256 * 1024];
/** How many keys go in one transaction. */
const keysAtOnce = 200;
/** Milliseconds that a rest between two reads takes at most. */
const longestRest = 50;

const scan = `SELECT seq, ${runColumns} FROM runs r WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ${readAtOnce}`;

const commands = {
  last: 'SELECT coalesce(max(seq), 0) AS last FROM runs',
  read: `SELECT seq, ${runColumns} FROM runs r WHERE seq IN (SELECT value FROM json_each(?))`,
  rewrite: 'UPDATE runs SET messages = ?2, crc = ?3 WHERE seq = ?1',
  forgetKeys: `DELETE FROM keys WHERE (room, author, key) IN
    (SELECT room, author, key FROM keys WHERE room = ?1 AND author = ?2 LIMIT ${keysAtOnce}) RETURNING 1`,
  forgetEdit: 'DELETE FROM edits WHERE room = ? AND about = ? AND id = ?',
} as const;

/** Carries out a job of a commit. */
export type Write = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** A run to be written anew. */
interface Found {
  readonly seq: number;
  readonly bytes: number;
}

/** The runs of a database, out of which the texts of users are taken. */
export class ErasedRuns {
  readonly #scan: Statement;
  readonly #commands: Prepared<typeof commands>;
  readonly #write: Write;
  readonly #rests: boolean;
  readonly #encoder = new RunEncoder();

  private constructor(statement: Statement, prepared: Prepared<typeof commands>, write: Write, rests: boolean) {
    this.#scan = statement;
    this.#commands = prepared;
    this.#write = write;
    this.#rests = rests;
  }

  /** @param rests whether it rests between its reads, because others use the database */
  static async prepare({ reader, writer }: ReaderAndWriter, write: Write, rests: boolean): Promise<ErasedRuns> {
    const statement = await reader.prepare(scan, { isLong: true });
    return new ErasedRuns(statement, await prepareAll(writer, commands), write, rests);
  }

  /**
   * Erases the texts of these users, and the keys that they were sent with, in one go over all runs. Messages that were
   * on their way when it is called are erased too. Rejects with StoreFailure or StoreAway.
   */
  async erase(users: ReadonlySet<UserId>): Promise<void> {
    const { last: findLast } = this.#commands;
    // A transaction carries out its jobs before it stores its messages. So those that were on their way at the call are
    // stored at the latest with the first of these two.
    await this.#write(async () => undefined);
    const last = await this.#write(async () => Number((await findLast.all())[0]?.['last']));
    // Of all their messages: those that were deleted before have keys too.
    const written = new Map<string, { readonly room: number; readonly user: UserId }>();
    for (let after = Number.MIN_SAFE_INTEGER; after < last; ) {
      const begun = performance.now();
      const rows = await reading(() => this.#scan.all(after, last));
      if (rows.length === 0) break;
      after = Number(rows.at(-1)?.['seq']);
      const found: Found[] = [];
      for (const row of rows) {
        const run = runOf(row);
        const { room, bytes, columns } = run;
        for (const user of new Set(columns.authors.filter((author) => users.has(author))))
          written.set(`${room} ${user}`, { room, user });
        if (hasText(run, users)) found.push({ seq: Number(row['seq']), bytes: bytes.length });
      }
      await this.#eraseIn(found, users);
      if (this.#rests) await sleep(Math.min(longestRest, performance.now() - begun));
    }
    for (const { room, user } of written.values())
      while ((await this.#write(() => this.#commands.forgetKeys.all(room, user))).length === keysAtOnce);
  }

  /** Writes runs anew, some in each transaction. */
  async #eraseIn(found: readonly Found[], users: ReadonlySet<UserId>): Promise<void> {
    for (let begin = 0; begin < found.length; ) {
      let [end, bytes] = [begin, 0];
      while (end < found.length && end - begin < writtenAtOnce && (end === begin || bytes < bytesAtOnce)) {
        bytes += found[end]?.bytes ?? 0;
        end += 1;
      }
      const seqs = JSON.stringify(found.slice(begin, end).map(({ seq }) => seq));
      await this.#write(() => this.#rewrite(seqs, users));
      begin = end;
    }
  }

  /** Within a commit. @param seqs the numbers of the rows, as JSON */
  async #rewrite(seqs: string, users: ReadonlySet<UserId>): Promise<void> {
    const { read, rewrite, forgetEdit } = this.#commands;
    for (const row of await read.all(seqs)) {
      const run = runOf(row);
      const messages = this.#without(run, users);
      const { room, first, count, time } = run;
      const { authors, kinds, about } = run.columns;
      for (const [at, author] of authors.entries())
        if (users.has(author) && kinds[at] === 'edit') await forgetEdit.run(room, about[at] ?? 0, first + at);
      await rewrite.run(Number(row['seq']), messages, sumOfRun(room, first, first + count - 1, time, messages));
    }
  }

  /** The bytes of the run, in which the users' messages have no text. */
  #without({ bytes, columns }: Run, users: ReadonlySet<UserId>): Buffer {
    const encoder = this.#encoder;
    encoder.clear();
    encoder.begin();
    const { authors, kinds, about, begins, ends } = columns;
    for (const [at, author] of authors.entries()) {
      const [kind, id, begin, end] = [kinds[at] ?? 'text', about[at] ?? 0, begins[at] ?? 0, ends[at] ?? 0];
      if (users.has(author) || begin === end) encoder.addDeleted(author, kind, id);
      else encoder.add(author, kind, id, bytes, begin, end);
    }
    return Buffer.from(encoder.bytes);
  }
}

/** Whether one of these users has a text in this run. */
function hasText({ columns: { authors, begins, ends } }: Run, users: ReadonlySet<UserId>): boolean {
  return authors.some((author, at) => users.has(author) && begins[at] !== ends[at]);
}
