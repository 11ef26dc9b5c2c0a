// Erases the texts of deleted users: reads all runs beside the commits, a few at a time, and writes those anew that
// have texts of the user, in small transactions. `secure_delete` (open.ts) has SQLite overwrite what a row leaves
// behind in the database, and emptying the log takes away what is left there. The index of what was said is purged too.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Erasures } from '../erasures.js';
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage, UserId } from '../log.js';
import { Rounds } from '../rounds.js';
import { RunEncoder } from '../run-format.js';
import { StoreBusy, StoreFailure } from '../store.js';
import { messageOf } from '../../text/reason.js';
import type { Payer } from '../../turns/payer.js';
import type { Checkpoints } from './checkpoint.js';
import type { Statement } from './database.js';
import { ErasedNames } from './erased-names.js';
import { ErasureList } from './erasure-list.js';
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
  /** Whose texts it has. */
  readonly users: readonly UserId[];
  readonly bytes: number;
}

/** Where erasures are noted down, and how they are done. */
export interface ErasurePlace {
  /** The data folder, in which the list of erasures is kept; none where the caller keeps it. */
  readonly folder?: string;
  /** Whether nobody else uses the database, so that there is no need to rest. */
  readonly isAlone?: boolean;
}

/** Erases in SQLite. The methods are those of `Erasures`. */
export class SqliteErasures implements Erasures {
  readonly #scan: Statement;
  readonly #list: Statement;
  readonly #commands: Prepared<typeof commands>;
  readonly #checkpoints: Checkpoints;
  readonly #search: Pick<SqliteSearch, 'purge'>;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write' | 'probe'>;
  readonly #encoder = new RunEncoder();
  readonly #names: ErasedNames;
  readonly #place: ErasurePlace;
  /** An erasure reads all runs, whatever the users have written: those who go meanwhile share the next one. */
  readonly #erasing = new Rounds<UserId>((users) => this.#erase(users));
  readonly #overwriting = new Rounds<undefined>(() => this.#overwrite());

  private constructor(
    statements: { readonly scan: Statement; readonly list: Statement; readonly commands: Prepared<typeof commands> },
    names: ErasedNames,
    checkpoints: Checkpoints,
    search: Pick<SqliteSearch, 'purge'>,
    commits: Pick<GroupCommit<NewMessage>, 'write' | 'probe'>,
    place: ErasurePlace,
  ) {
    this.#scan = statements.scan;
    this.#list = statements.list;
    this.#commands = statements.commands;
    this.#checkpoints = checkpoints;
    this.#search = search;
    this.#commits = commits;
    this.#names = names;
    this.#place = place;
  }

  static async prepare(
    { reader, writer }: ReaderAndWriter,
    checkpoints: Checkpoints,
    search: Pick<SqliteSearch, 'purge'>,
    commits: Pick<GroupCommit<NewMessage>, 'write' | 'probe'>,
    place: ErasurePlace,
  ): Promise<SqliteErasures> {
    const statements = {
      scan: await reader.prepare(scan, { isLong: true }),
      list: await reader.prepare(`SELECT user FROM erasures ORDER BY user LIMIT ${mostUnfinished}`),
      commands: await prepareAll(writer, commands),
    };
    const names = await ErasedNames.prepare({ reader, writer });
    return new SqliteErasures(statements, names, checkpoints, search, commits, place);
  }

  unfinished(): Promise<readonly UserId[]> {
    return reading(async () => (await this.#list.all()).map(({ user }) => Number(user)));
  }

  eraseTexts(user: UserId): Promise<void> {
    return this.#erasing.join(user);
  }

  /** Does all that is unfinished. Answers how many users that were. */
  async eraseAll(): Promise<number> {
    let count = 0;
    for (let users = await this.unfinished(); users.length > 0; users = await this.unfinished()) {
      await this.#erase(new Set(users));
      count += users.length;
    }
    return count;
  }

  /** Erases the texts of some users, in one go over all runs. */
  async #erase(users: ReadonlySet<UserId>): Promise<void> {
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
        const authors = withTextIn(users, run);
        const { room, bytes } = run;
        return authors.length > 0 ? [{ seq: Number(row['seq']), room, users: authors, bytes: bytes.length }] : [];
      });
      await this.#eraseIn(found, users);
      if (this.#place.isAlone !== true) await sleep(Math.min(longestRest, performance.now() - begun));
    }
    // Before it is kept as done: a process that ends here does it again.
    await this.#keepInList();
    for (const user of users) await this.#write(() => finish.run(user));
  }

  /** Adds what the database knows of erased users to the list in the data folder. */
  async #keepInList(): Promise<void> {
    const { folder } = this.#place;
    if (folder === undefined) return;
    const hashes = await reading(() => this.#names.all());
    try {
      const list = ErasureList.in(folder);
      const isNew = hashes.map((each) => list.add(each)).includes(true);
      if (isNew) list.writeTo(folder);
    } catch (error) {
      throw new StoreFailure(`the list of erasures can't be written: ${messageOf(error)}`);
    }
  }

  overwritten(): Promise<void> {
    return this.#overwriting.join(undefined);
  }

  async #overwrite(): Promise<void> {
    // It writes to the database too, so it comes first.
    await this.#search.purge();
    const emptied = this.#checkpoints.empty().then(() => true);
    // The log is emptied between two commits.
    for (let isEmpty = false; !isEmpty; ) {
      await this.#commits.probe();
      isEmpty = await Promise.race([emptied, sleep(betweenAttempts, false)]);
    }
  }

  /** Writes runs anew, some in each transaction, and then forgets the keys of the users in their rooms. */
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
    for (const { room, user } of keysIn(found))
      while ((await this.#write(() => this.#commands.forgetKeys.all(room, user))).length === keysAtOnce);
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

/** The users among these whose messages in this run have texts. */
function withTextIn(users: ReadonlySet<UserId>, { columns: { authors, begins, ends } }: Run): readonly UserId[] {
  return [...new Set(authors.filter((author, at) => users.has(author) && begins[at] !== ends[at]))];
}

/** The rooms of some runs, each with each user whose texts were in it, once. */
function keysIn(found: readonly Found[]): Iterable<{ readonly room: number; readonly user: UserId }> {
  const pairs = found.flatMap(({ room, users }) => users.map((user) => [`${room} ${user}`, { room, user }] as const));
  return new Map(pairs).values();
}
