// Reads the feed (../feed.ts): the changes of tables, which triggers note down (migrations/7-feed.ts), and the runs of
// messages, merged in the order of their commits. Each read is short, so that others have their turns between.
import type { Feed, FeedPart } from '../feed.js';
import type { Database, Row, Statement } from './database.js';
import { line, members, messagesOf, plainTables, type PlainTable } from './export.js';
import { lastRun, placesInFeed } from './migrations/7-feed.js';
import type { Prepared } from './prepared.js';
import { reading } from './reading.js';
import { runColumns, runOf } from './runs.js';
import { checked, tables } from './sums.js';

/** The most changes, and the most runs, that are read at a time. A run has 64 KiB; one of older data up to 2.4 MB. */
const [mostChanges, mostRuns] = [100, 16];

const sql = {
  newest: `SELECT ${lastRun} AS run, (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changes') AS change`,
  changes: `SELECT seq, run, tab, place FROM changes WHERE seq > ? ORDER BY seq LIMIT ${mostChanges}`,
  // Those that were replaced meanwhile come later.
  current: 'SELECT seq FROM changes WHERE seq BETWEEN ? AND ?',
  runs: `SELECT r.seq, ${runColumns} FROM runs r WHERE r.seq BETWEEN ? AND ? ORDER BY r.seq LIMIT ${mostRuns}`,
} as const;

/**
 * Where a reader is: it has all messages of the runs before `run`, those up to `id` of that one, and all changes up to
 * `change`.
 */
interface Position {
  readonly run: number;
  readonly id: number;
  readonly change: number;
}

/** A row that was made, changed or removed. */
interface Change {
  readonly seq: number;
  /** The number of the newest run before the change. */
  readonly run: number;
  readonly table: PlainTable;
  /** The values of the row's place, as JSON. */
  readonly place: string;
}

/** The feed over SQLite. */
export class SqliteFeed implements Feed {
  readonly #statements: Prepared<typeof sql>;
  readonly #rows: ReadonlyMap<PlainTable, Statement>;

  private constructor(statements: Prepared<typeof sql>, rows: ReadonlyMap<PlainTable, Statement>) {
    this.#statements = statements;
    this.#rows = rows;
  }

  static async prepare(reader: Database): Promise<SqliteFeed> {
    const rows = new Map<PlainTable, Statement>();
    for (const table of plainTables) {
      const { place, columns } = tables[table];
      const found = feedPlace(table)
        .map((column, at) => `${column} = ?1 ->> ${at}`)
        .join(' AND ');
      const selected = [...new Set([...place, ...columns, 'crc'])].join(', ');
      rows.set(table, await reader.prepare(`SELECT ${selected} FROM ${table} WHERE ${found}`));
    }
    const statements = {
      newest: await reader.prepare(sql.newest),
      changes: await reader.prepare(sql.changes),
      current: await reader.prepare(sql.current),
      runs: await reader.prepare(sql.runs, { isLong: true }),
    };
    return new SqliteFeed(statements, rows);
  }

  read(position: string): Promise<FeedPart | 'unknown'> {
    const after = parsed(position);
    return after === undefined ? Promise.resolve('unknown') : reading(() => this.#read(after));
  }

  async #read(after: Position): Promise<FeedPart | 'unknown'> {
    // First, because all changes before a run are there when the run is.
    const [newest] = await this.#statements.newest.all();
    const upTo = Number(newest?.['run']);
    if (after.run > upTo || after.change > Number(newest?.['change'])) return 'unknown';
    const rows = await this.#statements.changes.all(after.change);
    const changes = rows.map(changeOf);
    const lines = await this.#linesOf(changes);
    const last = changes.at(-1);
    // More changes may come after the last one's run, and before the next run.
    const high = changes.length < mostChanges ? upTo : Math.min(upTo, last?.run ?? upTo);
    const runs = high < after.run ? [] : await this.#statements.runs.all(after.run, high);
    // Behind the last of a full page there may be others.
    const isAll = runs.length < mostRuns;
    return merged(after, changes, lines, runs, isAll ? high : Number(runs.at(-1)?.['seq']), {
      isAll: isAll && changes.length < mostChanges,
    });
  }

  /**
   * The lines of these changes by their numbers, without the position. Those that were replaced meanwhile have none.
   */
  async #linesOf(changes: readonly Change[]): Promise<ReadonlyMap<number, object>> {
    const found = new Map<number, object>();
    for (const { seq, table, place } of changes) {
      const [row] = (await this.#rows.get(table)?.all(place)) ?? [];
      found.set(seq, row === undefined ? removed(table, place) : { in: table, ...members(table, checked(table, row)) });
    }
    const [first, last] = [changes[0], changes.at(-1)];
    if (first === undefined || last === undefined) return found;
    const current = await this.#statements.current.all(first.seq, last.seq);
    const numbers = new Set(current.map(({ seq }) => Number(seq)));
    for (const { seq } of changes) if (!numbers.has(seq)) found.delete(seq);
    return found;
  }
}

function merged(
  after: Position,
  changes: readonly Change[],
  lines: ReadonlyMap<number, object>,
  runs: readonly Row[],
  upTo: number,
  { isAll }: { readonly isAll: boolean },
): FeedPart {
  const all: string[] = [];
  let at = after;
  let next = 0;
  const runsUpTo = (last: number): void => {
    for (let row = runs[next]; row !== undefined && Number(row['seq']) <= last; row = runs[(next += 1)]) {
      const seq = Number(row['seq']);
      const run = runOf(row);
      for (const [place, { author, ...others }] of messagesOf(run).entries()) {
        const id = run.first + place;
        if (seq === after.run && id <= after.id) continue;
        at = { ...at, run: seq, id };
        const { room, time } = run;
        all.push(line({ in: 'messages', room, id, author, time, ...others, position: written(at) }));
      }
    }
  };
  for (const { seq, run } of changes) {
    if (run > upTo) break;
    runsUpTo(run);
    at = { ...at, change: seq };
    const found = lines.get(seq);
    if (found !== undefined) all.push(line({ ...found, position: written(at) }));
  }
  runsUpTo(upTo);
  return { lines: all, position: written(at), isEnd: isAll };
}

function changeOf({ seq, run, tab, place }: Row): Change {
  return { seq: Number(seq), run: Number(run), table: tab as PlainTable, place: String(place) };
}

/** The line of a row that is not there any more: its place says which. */
function removed(table: PlainTable, place: string): object {
  const values = JSON.parse(place) as readonly unknown[];
  return {
    in: table,
    removed: true,
    ...Object.fromEntries(feedPlace(table).map((column, at) => [column, values[at]])),
  };
}

/** The columns that say which row of a table a line of the feed is about. */
export function feedPlace(table: PlainTable): readonly string[] {
  return placesInFeed[table] ?? tables[table].place;
}

function written({ run, id, change }: Position): string {
  return `${run}.${id}.${change}`;
}

function parsed(position: string): Position | undefined {
  if (position === '') return { run: 0, id: 0, change: 0 };
  const found = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(position);
  return found === null ? undefined : { run: Number(found[1]), id: Number(found[2]), change: Number(found[3]) };
}
