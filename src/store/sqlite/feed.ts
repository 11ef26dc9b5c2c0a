// Reads the feed (../feed.ts): the changes of tables, which triggers note down (migrations/7-feed.ts), and the runs of
// messages, merged in the order of their commits. Each read is short, so that others have their turns between.
import type { Feed, FeedPart } from '../feed.js';
import type { Row, Statement } from './database.js';
import { line, members, messageAt, plainTables, type PlainTable } from './export.js';
import { changeKinds, lastRun, placesInFeed } from './migrations/7-feed.js';
import { Pace } from './pace.js';
import { prepareAll, type Prepared, type ReaderAndWriter, type Writes } from './prepared.js';
import { reading } from './reading.js';
import { runsInSteps } from './run-steps.js';
import { runColumns, type Run } from './runs.js';
import { checked, tables } from './sums.js';

/** The most changes, and the most runs, that are read at a time. A run has 64 KiB; one of older data up to 2.4 MB. */
const [mostChanges, mostRuns] = [100, 16];

/** How many removed rows are kept for readers that are behind, and how many are forgotten in a commit. */
const [usualKept, forgottenAtOnce] = [100_000, 200];

/** Milliseconds between two looks whether there are too many: a look goes over all that are kept. */
const betweenLooks = 60_000;

const sql = {
  newest: `SELECT ${lastRun} AS run, (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changes') AS change`,
  changes: `SELECT seq, run, tab, place FROM changes WHERE seq > ? ORDER BY seq LIMIT ${mostChanges}`,
  // Those that were replaced meanwhile come later.
  current: 'SELECT seq FROM changes WHERE seq BETWEEN ? AND ?',
  forgotten: 'SELECT forgotten FROM feed',
  oldestKept: `SELECT seq FROM changes WHERE made = ${changeKinds.removed} ORDER BY seq DESC LIMIT 1 OFFSET ?`,
  runs: `SELECT r.seq, ${runColumns} FROM runs r WHERE r.seq BETWEEN ? AND ? ORDER BY r.seq LIMIT ${mostRuns}`,
} as const;

const commands = {
  forget: `DELETE FROM changes WHERE seq IN
    (SELECT seq FROM changes WHERE made = ${changeKinds.removed} AND seq <= ? ORDER BY seq LIMIT ${forgottenAtOnce})
    RETURNING seq`,
  move: 'UPDATE feed SET forgotten = max(forgotten, ?)',
} as const;

/**
 * Where a reader is: it has all messages of the runs before `run`, those up to `id` of that one, and all changes up to
 * `change`. It has begun where the newest change was `from`: of a row that was removed before, it has seen nothing.
 */
interface Position {
  readonly run: number;
  readonly id: number;
  readonly change: number;
  readonly from: number;
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
  readonly #commands: Prepared<typeof commands>;
  readonly #commits: Writes;
  readonly #kept: number;
  /** Up to which change removed rows are to be forgotten, and when that was looked at. */
  #due = 0;
  #looked = -Infinity;

  private constructor(
    statements: Prepared<typeof sql>,
    rows: ReadonlyMap<PlainTable, Statement>,
    forgetting: Prepared<typeof commands>,
    commits: Writes,
    kept: number,
  ) {
    this.#statements = statements;
    this.#rows = rows;
    this.#commands = forgetting;
    this.#commits = commits;
    this.#kept = kept;
  }

  /** @param kept how many removed rows are kept for readers that are behind */
  static async prepare({ reader, writer }: ReaderAndWriter, commits: Writes, kept = usualKept): Promise<SqliteFeed> {
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
      forgotten: await reader.prepare(sql.forgotten),
      oldestKept: await reader.prepare(sql.oldestKept, { isLong: true }),
      runs: await reader.prepare(sql.runs, { isLong: true }),
    };
    return new SqliteFeed(statements, rows, await prepareAll(writer, commands), commits, kept);
  }

  async forget(): Promise<boolean> {
    if (this.#due === 0) {
      if (performance.now() - this.#looked < betweenLooks) return false;
      this.#looked = performance.now();
      const [row] = await reading(() => this.#statements.oldestKept.all(this.#kept));
      if (row === undefined) return false;
      this.#due = Number(row['seq']);
    }
    const { forget, move } = this.#commands;
    const gone = await this.#commits.write(async () => {
      const rows = await forget.all(this.#due);
      if (rows.length > 0) await move.run(Math.max(...rows.map(({ seq }) => Number(seq))));
      return rows.length;
    });
    if (gone < forgottenAtOnce) this.#due = 0;
    return this.#due > 0;
  }

  read(position: string): Promise<FeedPart | 'unknown'> {
    const after = position === '' ? { run: 0, id: 0, change: 0, from: undefined } : parsed(position);
    return after === undefined ? Promise.resolve('unknown') : reading(() => this.#read(after));
  }

  async #read(from: Omit<Position, 'from'> & { readonly from: number | undefined }): Promise<FeedPart | 'unknown'> {
    // First, because all changes before a run are there when the run is.
    const [newest] = await this.#statements.newest.all();
    const upTo = Number(newest?.['run']);
    const newestChange = Number(newest?.['change']);
    const after: Position = { ...from, from: from.from ?? newestChange };
    if (after.run > upTo || after.change > newestChange || after.from > newestChange) return 'unknown';
    const rows = await this.#statements.changes.all(after.change);
    // Behind the read: what is forgotten before it does not stand in there.
    const [row] = await this.#statements.forgotten.all();
    if (Number(row?.['forgotten']) > Math.max(after.change, after.from)) return 'unknown';
    const changes = rows.map(changeOf);
    const lines = await this.#linesOf(changes);
    const last = changes.at(-1);
    // More changes may come after the last one's run, and before the next run.
    const high = changes.length < mostChanges ? upTo : Math.min(upTo, last?.run ?? upTo);
    const found = high < after.run ? [] : await this.#statements.runs.all(after.run, high);
    const pace = new Pace();
    const runs = (await runsInSteps(found, pace)).map((run, place) => ({ ...run, seq: Number(found[place]?.['seq']) }));
    // Behind the last of a full page there may be others.
    const isAll = runs.length < mostRuns;
    return merged(after, changes, lines, runs, isAll ? high : (runs.at(-1)?.seq ?? high), {
      isAll: isAll && changes.length < mostChanges,
      pace,
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

async function merged(
  after: Position,
  changes: readonly Change[],
  lines: ReadonlyMap<number, object>,
  runs: readonly (Run & { readonly seq: number })[],
  upTo: number,
  { isAll, pace }: { readonly isAll: boolean; readonly pace: Pace },
): Promise<FeedPart> {
  const all: string[] = [];
  let at = after;
  let next = 0;
  const runsUpTo = async (last: number): Promise<void> => {
    for (let run = runs[next]; run !== undefined && run.seq <= last; run = runs[(next += 1)]) {
      const { seq, room, first, time, columns } = run;
      for (const [place, author] of columns.authors.entries()) {
        const id = first + place;
        if (seq === after.run && id <= after.id) continue;
        at = { ...at, run: seq, id };
        const others = messageAt(run, place);
        all.push(line({ in: 'messages', room, id, author, time, ...others, position: written(at) }));
        await pace.giveWay();
      }
    }
  };
  for (const { seq, run } of changes) {
    if (run > upTo) break;
    await runsUpTo(run);
    at = { ...at, change: seq };
    const found = lines.get(seq);
    if (found !== undefined) all.push(line({ ...found, position: written(at) }));
  }
  await runsUpTo(upTo);
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

/** As text: `from` stands there only as long as it says something. */
function written({ run, id, change, from }: Position): string {
  return change < from ? `${run}.${id}.${change}.${from}` : `${run}.${id}.${change}`;
}

function parsed(position: string): Position | undefined {
  const found = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})(?:\.(\d{1,15}))?$/.exec(position);
  if (found === null) return undefined;
  const [run = 0, id = 0, change = 0, from = 0] = found
    .slice(1)
    .map((each) => Number((each as string | undefined) ?? 0));
  return { run, id, change, from };
}
