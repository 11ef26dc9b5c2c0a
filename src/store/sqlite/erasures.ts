// Erases the texts of deleted users: reads all runs beside the commits, a few at a time, and writes those anew that
// have texts of the user, in small transactions. `secure_delete` (open.ts) has SQLite overwrite what a row leaves
// behind in the database, and emptying the log takes away what is left there. The index of what was said is purged too.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Erasures } from '../erasures.js';
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage, UserId } from '../log.js';
import { RunEncoder } from '../run-format.js';
import { StoreBusy } from '../store.js';
import type { Payer } from '../../turns/payer.js';
import type { Checkpoints } from './checkpoint.js';
import type { Statement } from './database.js';
import type { ReaderAndWriter } from './prepared.js';
import { prepareAll, type Prepared } from './prepared.js';
import { reading } from './reading.js';
import type { SqliteSearch } from './search.js';
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
/** Milliseconds between two attempts to empty the log. */
const betweenAttempts = 20;
/** The most users that are answered as unfinished at a time. */
const mostUnfinished = 100;

const scan = `SELECT seq, ${runColumns} FROM runs r WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ${readAtOnce}`;

const commands = {
  last: 'SELECT coalesce(max(seq), 0) AS last FROM runs',
  read: `SELECT seq, ${runColumns} FROM runs r WHERE seq IN (SELECT value FROM json_each(?))`,
  rewrite: 'UPDATE runs SET messages = ?2, crc = ?3 WHERE seq = ?1',
  forgetKeys: `DELETE FROM keys WHERE (room, author, key) IN
    (SELECT room, author, key FROM keys WHERE room = ?1 AND author = ?2 LIMIT ${keysAtOnce}) RETURNING 1`,
  forgetEdit: 'DELETE FROM edits WHERE room = ? AND about = ? AND id = ?',
  finish: 'DELETE FROM erasures WHERE user = ?',
} as const;

/** An erasure is in no hurry: it comes after everybody else. */
const background: Payer = { payerClass: 'guest', payerAddress: '', payerUser: '' };

/** A run to be written anew. */
interface Found {
  readonly seq: number;
  readonly room: number;
  readonly bytes: number;
}

/** Erases in SQLite. The methods are those of `Erasures`. */
export class SqliteErasures implements Erasures {
  readonly #scan: Statement;
  readonly #list: Statement;
  readonly #commands: Prepared<typeof commands>;
  readonly #checkpoints: Checkpoints;
  readonly #search: Pick<SqliteSearch, 'purge'> | undefined;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write' | 'probe'>;
  readonly #encoder = new RunEncoder();

  private constructor(
    statements: { readonly scan: Statement; readonly list: Statement; readonly commands: Prepared<typeof commands> },
    checkpoints: Checkpoints,
    commits: Pick<GroupCommit<NewMessage>, 'write' | 'probe'>,
    search?: Pick<SqliteSearch, 'purge'>,
  ) {
    this.#scan = statements.scan;
    this.#list = statements.list;
    this.#commands = statements.commands;
    this.#checkpoints = checkpoints;
    this.#search = search;
    this.#commits = commits;
  }

  /** @param search what else has the texts, where there is an index of them */
  static async prepare(
    { reader, writer }: ReaderAndWriter,
    checkpoints: Checkpoints,
    commits: Pick<GroupCommit<NewMessage>, 'write' | 'probe'>,
    search?: Pick<SqliteSearch, 'purge'>,
  ): Promise<SqliteErasures> {
    const statements = {
      scan: await reader.prepare(scan, { isLong: true }),
      list: await reader.prepare(`SELECT user FROM erasures ORDER BY user LIMIT ${mostUnfinished}`),
      commands: await prepareAll(writer, commands),
    };
    return new SqliteErasures(statements, checkpoints, commits, search);
  }

  unfinished(): Promise<readonly UserId[]> {
    return reading(async () => (await this.#list.all()).map(({ user }) => Number(user)));
  }

  async eraseTexts(user: UserId): Promise<void> {
    const { last: findLast, finish } = this.#commands;
    // A transaction carries out its jobs before it stores its messages. So those that were on their way at the call are
    // stored at the latest with the first of these two.
    await this.#write(async () => undefined);
    const last = await this.#write(async () => Number((await findLast.all())[0]?.['last']));
    for (let after = Number.MIN_SAFE_INTEGER; after < last; ) {
      const begun = performance.now();
      const rows = await reading(() => this.#scan.all(after, last));
      if (rows.length === 0) break;
      after = Number(rows.at(-1)?.['seq']);
      const found = rows.flatMap((row) => {
        const run = runOf(row);
        return hasTextOf(user, run) ? [{ seq: Number(row['seq']), room: run.room, bytes: run.bytes.length }] : [];
      });
      await this.#eraseIn(found, user);
      await sleep(Math.min(longestRest, performance.now() - begun));
    }
    await this.#write(() => finish.run(user));
  }

  async overwritten(): Promise<void> {
    // It writes to the database too, so it comes first.
    await this.#search?.purge();
    const emptied = this.#checkpoints.empty().then(() => true);
    // The log is emptied between two commits.
    for (let isEmpty = false; !isEmpty; ) {
      await this.#commits.probe();
      isEmpty = await Promise.race([emptied, sleep(betweenAttempts, false)]);
    }
  }

  /** Writes runs anew, some in each transaction, and then forgets the keys of the user in their rooms. */
  async #eraseIn(found: readonly Found[], user: UserId): Promise<void> {
    for (let begin = 0; begin < found.length; ) {
      let [end, bytes] = [begin, 0];
      while (end < found.length && end - begin < writtenAtOnce && (end === begin || bytes < bytesAtOnce)) {
        bytes += found[end]?.bytes ?? 0;
        end += 1;
      }
      const seqs = JSON.stringify(found.slice(begin, end).map(({ seq }) => seq));
      await this.#write(() => this.#rewrite(seqs, user));
      begin = end;
    }
    for (const room of new Set(found.map((run) => run.room)))
      while ((await this.#write(() => this.#commands.forgetKeys.all(room, user))).length === keysAtOnce);
  }

  /** Within a commit. @param seqs the numbers of the rows, as JSON */
  async #rewrite(seqs: string, user: UserId): Promise<void> {
    const { read, rewrite, forgetEdit } = this.#commands;
    for (const row of await read.all(seqs)) {
      const run = runOf(row);
      const messages = this.#without(run, user);
      const { room, first, count, time } = run;
      const { authors, kinds, about } = run.columns;
      for (const [at, author] of authors.entries())
        if (author === user && kinds[at] === 'edit') await forgetEdit.run(room, about[at] ?? 0, first + at);
      await rewrite.run(Number(row['seq']), messages, sumOfRun(room, first, first + count - 1, time, messages));
    }
  }

  /** The bytes of the run, in which the user's messages have no text. */
  #without({ bytes, columns }: Run, user: UserId): Buffer {
    const encoder = this.#encoder;
    encoder.clear();
    encoder.begin();
    const { authors, kinds, about, begins, ends } = columns;
    for (const [at, author] of authors.entries()) {
      const [kind, id, begin, end] = [kinds[at] ?? 'text', about[at] ?? 0, begins[at] ?? 0, ends[at] ?? 0];
      if (author === user || begin === end) encoder.addDeleted(author, kind, id);
      else encoder.add(author, kind, id, bytes, begin, end);
    }
    return Buffer.from(encoder.bytes);
  }

  /** Writes in the background. Where too many changes wait, it tries again. */
  async #write<Result>(work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await this.#commits.write(work, background);
      } catch (error) {
        if (!(error instanceof StoreBusy)) throw error;
        await sleep(error.retryAfter);
      }
    }
  }
}

/** Whether a message of the user in this run has a text. */
function hasTextOf(user: UserId, { columns: { authors, begins, ends } }: Run): boolean {
  return authors.some((author, at) => author === user && begins[at] !== ends[at]);
}
