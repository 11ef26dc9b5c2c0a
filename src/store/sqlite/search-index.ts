// The index of what was said, in a file of its own beside the database: `salond.search`. It is derived: whoever deletes
// it loses nothing, because it is made anew. It is written by nobody but this file, on a connection of its own, so that
// no commit waits for it. FTS5 stores which messages have a word, and no text.
//
// A message's number in the index is that of its room and its id, so that a room is a range of numbers.
import { existsSync, rmSync } from 'node:fs';
import type { LogId } from '../log.js';
import { queryOf, wordsOf } from '../../text/words.js';
import { Database, type Statement } from './database.js';
import { makeEmpty } from './private-files.js';
import { prepareAll, type Prepared } from './prepared.js';
import { runColumns, runOf, type Run } from './runs.js';

/** The version of the file's layout, and of how texts are split. A file of another one is made anew. */
const version = 1;

/** Numbers of messages that a room has in the index. Later ones are not found. */
const idsOfRoom = 2 ** 32;
const maxRoom = 2 ** 20;

/** How many runs are read and indexed at a time: some ten milliseconds of another thread, at most 16 MiB. */
const runsAtOnce = 256;

/** The most words of a query. Each costs a look-up. */
export const maxWords = 16;

const layout = `CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1, detail=none, tokenize='ascii');
  INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
  CREATE TABLE position (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, room INTEGER NOT NULL,
    first INTEGER NOT NULL) STRICT;
  INSERT INTO position VALUES (1, 0, 0, 0);
  PRAGMA user_version = ${version};`;

const sql = {
  position: 'SELECT seq, room, first FROM position',
  move: 'UPDATE position SET seq = ?, room = ?, first = ?',
  // In the order of the numbers: FTS5 begins a new segment where one is smaller than the one before.
  add: `INSERT OR REPLACE INTO words (rowid, text) SELECT value ->> 0, value ->> 1 FROM json_each(?) ORDER BY value ->> 0`,
  remove: 'DELETE FROM words WHERE rowid BETWEEN ? AND ?',
  find: 'SELECT rowid FROM words WHERE words MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid DESC LIMIT ?',
} as const;

/** The statements on the index. */
type Statements = Prepared<typeof sql>;

/** How far the index is. */
interface Position {
  readonly seq: number;
  readonly room: number;
  readonly first: number;
}

/** Says which messages have which words. */
export class SearchIndex {
  readonly #index: Database;
  readonly #next: Statement;
  readonly #isThere: Statement;
  readonly #statements: Statements;

  private constructor(index: Database, next: Statement, isThere: Statement, statements: Statements) {
    this.#index = index;
    this.#next = next;
    this.#isThere = isThere;
    this.#statements = statements;
  }

  /**
   * Opens the index at `path`, and makes it anew where it is missing, damaged or of another version.
   * @param reader a connection to the database whose messages are indexed
   */
  static async open(path: string, reader: Database): Promise<SearchIndex> {
    const index = await openFile(path).catch(async () => {
      for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
      return openFile(path);
    });
    const statements = await prepareAll(index, sql);
    const next = await reader.prepare(
      `SELECT seq, ${runColumns} FROM runs r WHERE seq > ? ORDER BY seq LIMIT ${runsAtOnce}`,
      { isLong: true },
    );
    const isThere = await reader.prepare('SELECT 1 FROM runs WHERE seq = ? AND room = ? AND first = ?');
    return new SearchIndex(index, next, isThere, statements);
  }

  /**
   * Indexes some of the messages that it has not got, in the order in which they were stored. Answers how many; 0 where
   * it has all. Rejects with DamageError where a message is damaged. Must not run twice at a time.
   */
  async advance(): Promise<number> {
    const [found] = (await this.#statements.position.all()) as unknown as readonly Position[];
    if (found === undefined) return 0;
    // Where the newest indexed run was trimmed, its number may be another run's: then it begins from the first run.
    const isThere = found.seq === 0 || (await this.#isThere.all(found.seq, found.room, found.first)).length > 0;
    const rows = await this.#next.all(isThere ? found.seq : 0);
    const last = rows.at(-1);
    if (last === undefined) return 0;
    const runs = rows.map((row) => runOf(row));
    const entries = runs.flatMap(entriesOf);
    await this.#index.exec('BEGIN');
    try {
      if (entries.length > 0) await this.#statements.add.run(JSON.stringify(entries));
      await this.#statements.move.run(Number(last['seq']), Number(last['room']), Number(last['first']));
      await this.#index.exec('COMMIT');
    } catch (error) {
      await this.#index.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
    return runs.reduce((sum, { count }) => sum + count, 0);
  }

  /**
   * The ids of messages of the room that have all words of the query, the newest first: those between `after` and
   * `before`, at most `limit`. `too many words` beyond `maxWords`. A query without a word finds nothing.
   */
  async find(
    room: LogId,
    query: string,
    [after, before]: readonly [after: number, before: number],
    limit: number,
  ): Promise<readonly number[] | 'too many words'> {
    const words = queryOf(query);
    if (words.length > maxWords) return 'too many words';
    if (words.length === 0 || room > maxRoom) return [];
    const match = words.map(({ word, isBeginning }) => `"${word}"${isBeginning ? '*' : ''}`).join(' AND ');
    const base = room * idsOfRoom;
    const low = base + after;
    const high = base + Math.min(before, idsOfRoom);
    return (await this.#statements.find.all(match, low, high, limit)).map(({ rowid }) => Number(rowid) - base);
  }

  /** Says that messages have other words now: the text of each, undefined where it was deleted. */
  async replace(room: LogId, texts: ReadonlyMap<number, string | undefined>): Promise<void> {
    const entries: Entry[] = [];
    for (const [id, text] of texts) {
      const number = room * idsOfRoom + id;
      if (text === undefined) await this.#statements.remove.run(number, number);
      else entries.push([number, wordsOf(text).join(' ')]);
    }
    if (entries.length > 0) await this.#statements.add.run(JSON.stringify(entries));
  }

  /** Forgets the messages of the room up to that id. */
  async forget(room: LogId, upTo: number): Promise<void> {
    await this.#statements.remove.run(room * idsOfRoom, room * idsOfRoom + upTo);
  }

  /** Writes the index anew without what was deleted, so that no word of it stays in the file or in its log. */
  async purge(): Promise<void> {
    await this.#index.exec("INSERT INTO words (words) VALUES ('optimize')");
    await this.#index.all('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  async close(): Promise<void> {
    await this.#index.close();
  }
}

/** A message's number in the index, and its words. */
type Entry = readonly [number: number, words: string];

/** A reaction is not searched, and what was deleted has no words. */
function entriesOf({ room, first, bytes, columns }: Run): readonly Entry[] {
  const { kinds, begins, ends } = columns;
  if (room > maxRoom) return [];
  return kinds.flatMap((kind, at): Entry[] => {
    const [begin = 0, end = 0, id] = [begins[at], ends[at], first + at];
    if (kind === 'reaction' || begin === end || id >= idsOfRoom) return [];
    const text = JSON.parse(`"${bytes.toString('utf8', begin, end)}"`) as string;
    return [[room * idsOfRoom + id, wordsOf(text).join(' ')]];
  });
}

async function openFile(path: string): Promise<Database> {
  if (!existsSync(path)) makeEmpty(path);
  const index = await Database.open(path);
  try {
    // A lost commit is made again from the database.
    await index.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA cache_size = -16384',
    );
    const [row] = await index.all('PRAGMA user_version');
    if (Number(row?.['user_version']) === 0) await index.exec(`BEGIN; ${layout} COMMIT;`);
    else if (Number(row?.['user_version']) !== version) throw new Error('it is of another version');
    return index;
  } catch (error) {
    await index.close();
    throw error;
  }
}
