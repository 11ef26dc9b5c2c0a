// The file of the index of what was said, beside the database: `salond.search`. It is derived: whoever deletes it loses
// nothing, because search-file.ts makes it anew. It is written on a connection of its own, so that no commit waits for
// it. FTS5 stores which messages have a word, and no text.
//
// A message's number in the index is that of its room and its id, so that a room is a range of numbers.
import { existsSync, rmSync } from 'node:fs';
import type { QueriedWord } from '../../text/words.js';
import type { LogId, UserId } from '../log.js';
import { SearchTooLong } from '../store.js';
import { AuthorRuns, authorsLayout, type RunsByUser, type RunsOfUsers } from './author-runs.js';
import { Database, DatabaseError, type Statement } from './database.js';
import { checkKind } from './kinds.js';
import { companions, makeEmpty } from './private-files.js';
import { prepareAll, type Prepared } from './prepared.js';
import { maxSearchedRoom } from './migrations/7-history.js';

/** The version of the file's layout, and of how texts are split. A file of another one is made anew. */
const version = 4;

/** Numbers of messages that a room has in the index. Later ones are not found. */
const idsOfRoom = 2 ** 32;

/** How many pages of 4 KiB a step of a merge writes, tens of milliseconds, and how many are given back at a time. */
const pagesAtOnce = 256;

/**
 * How many milliseconds a search takes at most. FTS5 goes over the lists of all words until they meet, also beyond the
 * range of numbers that is asked for: 30 ms for a million messages.
 */
const longestSearch = 500;

// A deletion leaves a tombstone, and the words go when segments are merged.
const layout = `CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1, detail=none, tokenize='ascii');
  CREATE TABLE position (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, room INTEGER NOT NULL,
    last INTEGER NOT NULL, added INTEGER NOT NULL, merged INTEGER NOT NULL, removals INTEGER NOT NULL,
    purged INTEGER NOT NULL) STRICT;
  INSERT INTO position VALUES (1, 0, 0, 0, 0, 0, 0, 0);
  ${authorsLayout}
  PRAGMA user_version = ${version};`;

const sql = {
  position: 'SELECT seq, room, last, added, merged, removals, purged FROM position',
  move: 'UPDATE position SET seq = ?, room = ?, last = ?, added = added + ?',
  removed: 'UPDATE position SET removals = removals + 1',
  finish: 'UPDATE position SET merged = ?, purged = ?',
  add: 'INSERT OR REPLACE INTO words (rowid, text) SELECT value ->> 0, value ->> 1 FROM jsonb_each(CAST(? AS TEXT))',
  // FTS5 would go over all of its rows for a range: the numbers that are there stand in a table of it.
  remove: `DELETE FROM words WHERE rowid IN (SELECT there.id FROM jsonb_each(?) range
    CROSS JOIN words_docsize there ON there.id BETWEEN range.value ->> 0 AND range.value ->> 1)`,
  merge: "INSERT INTO words (words, rank) VALUES ('merge', ?)",
  changes: 'SELECT total_changes() AS changes',
} as const;

const query = 'SELECT rowid FROM words WHERE words MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid DESC LIMIT ?';

/** How far the index is. */
export interface IndexPosition {
  /** The newest run that was taken: its number, its room and the id of its last message. */
  readonly seq: number;
  readonly room: number;
  readonly last: number;
  /** How many messages were taken, and how many of them before the last complete merge began. */
  readonly added: number;
  readonly merged: number;
  /** How many times something was removed, and how many of those the last complete merge has overwritten. */
  readonly removals: number;
  readonly purged: number;
}

/** Neighbouring messages of a room: their ids. */
export interface IdRange {
  readonly room: LogId;
  readonly first: number;
  readonly last: number;
}

/** What is to be written: first, what `removed` says goes; then the entries come in the place of what is there. */
export interface IndexChange {
  readonly removed: readonly IdRange[];
  /**
   * By `numberOf`: the text of a message as a JSON string, its words separated by anything but letters and digits.
   */
  readonly entries: ReadonlyMap<number, string>;
  /** The run up to which all are taken with this change, and how many messages come with it. */
  readonly upTo?: Pick<IndexPosition, 'seq' | 'room' | 'last' | 'added'>;
  /** Who wrote in the runs that are taken with this change. */
  readonly authors?: RunsByUser;
}

/** The number of a message in the index. */
export function numberOf(room: LogId, id: number): number {
  return room * idsOfRoom + id;
}

/** Whether a message can be in the index. */
export function isIndexed(room: LogId, id: number): boolean {
  return room <= maxSearchedRoom && id < idsOfRoom;
}

/** Whether the error says that the file is not a whole index of salond's. */
export function isDamageOfIndex(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR'].includes(error.symbol);
}

/** Removes the file, and what SQLite put beside it. */
export function removeIndex(path: string): void {
  for (const suffix of ['', ...companions]) rmSync(path + suffix, { force: true });
}

/** The file, on a connection that writes and one that finds. Its methods reject with DatabaseError. */
export class SearchIndex {
  readonly #writer: Database;
  readonly #finder: Database;
  readonly #statements: Prepared<typeof sql>;
  readonly #query: Statement;
  readonly #authors: AuthorRuns;
  /** How many rows the connection had changed after the last step of a merge; undefined where it may be more by now. */
  #changed: number | undefined;
  /** The search that runs, and those that wait for it: each has its time for itself. */
  #finding: Promise<unknown> = Promise.resolve();

  private constructor(
    writer: Database,
    finder: Database,
    { statements, query, authors }: { statements: Prepared<typeof sql>; query: Statement; authors: AuthorRuns },
  ) {
    this.#writer = writer;
    this.#finder = finder;
    this.#statements = statements;
    this.#query = query;
    this.#authors = authors;
  }

  /** Opens the file at `path`, and makes it where it is missing. Rejects with DataError where it is not a file. */
  static async open(path: string): Promise<SearchIndex> {
    const opened: Database[] = [];
    try {
      for (const suffix of ['', ...companions]) checkKind(path + suffix);
      if (!existsSync(path)) makeEmpty(path);
      const writer = await Database.open(path);
      opened.push(writer);
      // A lost commit is made again from the database.
      await writer.exec(
        'PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 4194304; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 0',
      );
      const [row] = await writer.all('PRAGMA user_version');
      const found = Number(row?.['user_version']);
      if (found === 0) await writer.exec(`BEGIN; ${layout} COMMIT;`);
      else if (found !== version) throw new DatabaseError('SQLITE_NOTADB', `it has the version ${found}`);
      // By itself FTS5 would merge all in one statement, once a tenth is removed. Whoever merges does so in steps.
      await writer.exec("INSERT INTO words (words, rank) VALUES ('deletemerge', 0)");
      const statements = await prepareAll(writer, sql);
      const finder = await Database.open(path, { readOnly: true });
      opened.push(finder);
      const authors = await AuthorRuns.prepare(writer);
      return new SearchIndex(writer, finder, { statements, query: await finder.prepare(query), authors });
    } catch (error) {
      for (const database of opened) await database.close().catch(() => undefined);
      throw error;
    }
  }

  async position(): Promise<IndexPosition> {
    const [row] = (await this.#statements.position.all()) as unknown as readonly IndexPosition[];
    if (row === undefined) throw new DatabaseError('SQLITE_CORRUPT', 'it has no position');
    return row;
  }

  /** Writes a change in one transaction. */
  async write({ removed, entries, upTo, authors }: IndexChange): Promise<void> {
    const { add, remove, move, removed: count } = this.#statements;
    this.#changed = undefined;
    await this.#writer.exec('BEGIN');
    try {
      if (removed.length > 0) {
        const ranges = removed.map(({ room, first, last }) => [
          numberOf(room, first),
          numberOf(room, Math.min(last, idsOfRoom - 1)),
        ]);
        await remove.run(JSON.stringify(ranges));
        await count.run();
      }
      if (entries.size > 0) {
        // In the order of the numbers: FTS5 begins a new segment where one is smaller than the one before.
        const rows = [...entries].sort(([one], [other]) => one - other).map(([number, json]) => `[${number},${json}]`);
        await add.run(`[${rows.join(',')}]`);
      }
      if (upTo !== undefined) await this.#authors.add(upTo.seq, authors ?? new Map());
      if (upTo !== undefined) await move.run(upTo.seq, upTo.room, upTo.last, upTo.added);
      await this.#writer.exec('COMMIT');
    } catch (error) {
      await this.#writer.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Finds the runs in which these users wrote, as far as the index has followed. */
  async runsOf(users: ReadonlySet<UserId>): Promise<RunsOfUsers> {
    const { seq } = await this.position();
    return this.#authors.find(users, seq);
  }

  /** As `Search.find`. One at a time. */
  async find(
    room: LogId,
    words: readonly QueriedWord[],
    { after, before }: { readonly after: number; readonly before: number },
    limit: number,
  ): Promise<readonly number[]> {
    if (words.length === 0 || room > maxSearchedRoom) return [];
    const match = words.map(({ word, isBeginning }) => `"${word}"${isBeginning ? '*' : ''}`).join(' AND ');
    const base = room * idsOfRoom;
    const rows = await this.#inTime(() =>
      this.#query.all(match, base + after, base + Math.min(before, idsOfRoom), limit),
    );
    return rows.map(({ rowid }) => Number(rowid) - base);
  }

  #inTime<Result>(search: () => Promise<Result>): Promise<Result> {
    const result = this.#finding.then(() => searchInTime(this.#finder, longestSearch, search));
    this.#finding = result.catch(() => undefined);
    return result;
  }

  /**
   * Merges a part of the segments. Answers whether all are merged: then no word is left of what was removed before the
   * first step.
   * @param isFirst whether all segments that there are shall be merged into one from here on
   */
  async merge(isFirst: boolean): Promise<boolean> {
    const { merge, changes } = this.#statements;
    const read = async (): Promise<number> => Number((await changes.all())[0]?.['changes']);
    const before = this.#changed ?? (await read());
    await merge.run(isFirst ? -pagesAtOnce : pagesAtOnce);
    this.#changed = await read();
    // As SQLite's documentation of `merge` says.
    return this.#changed - before < 2;
  }

  /** Says that a complete merge has ended, which began at that position. */
  finishMerge({ added, removals }: IndexPosition): Promise<void> {
    this.#changed = undefined;
    return this.#statements.finish.run(added, removals);
  }

  /** Gives free pages back to the disk. Answers whether more are left. */
  async giveBack(): Promise<boolean> {
    await this.#writer.all(`PRAGMA incremental_vacuum(${pagesAtOnce})`);
    const [row] = await this.#writer.all('PRAGMA freelist_count');
    return Number(row?.['freelist_count']) > 0;
  }

  /** Copies the log into the file and empties it. Answers whether nobody kept it from that. */
  async emptyLog(): Promise<boolean> {
    const [row] = await this.#writer.all('PRAGMA wal_checkpoint(TRUNCATE)');
    return row?.['busy'] === 0;
  }

  async close(): Promise<void> {
    await this.#finder.close();
    await this.#writer.close();
  }
}

/** Searches on a connection that does nothing else. Rejects with SearchTooLong after so many milliseconds. */
export async function searchInTime<Result>(
  finder: Database,
  milliseconds: number,
  search: () => Promise<Result>,
): Promise<Result> {
  try {
    return await finder.within(milliseconds, search);
  } catch (error) {
    if (error instanceof DatabaseError && error.symbol === 'SQLITE_INTERRUPT')
      throw new SearchTooLong('the words are in too many messages');
    throw error;
  }
}
