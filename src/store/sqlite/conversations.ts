// Private conversations over SQLite. A list is read by the indexes on the time of the newest message, which each commit
// writes (committer.ts): a page costs the same however many conversations a user has.
import { lastRoomLog, pairOf, type Conversations } from '../conversations.js';
import type { ListedConversation, OpenedConversation } from '../conversations.js';
import type { LogId, UserId } from '../log.js';
import type { Payer } from '../../turns/payer.js';
import type { Row } from './database.js';
import type { NewestTimes } from './newest-times.js';
import {
  prepareAll,
  prepareBoth,
  withSum,
  type Prepared,
  type ReaderAndWriter,
  type Statements,
  type Writes,
} from './prepared.js';
import { reading } from './reading.js';
import { lastIn, runColumns } from './runs.js';
import { checked, summed } from './sums.js';

const columns = summed('conversations');
const find = `SELECT ${columns} FROM conversations WHERE one = ? AND other = ?`;
const mark = `SELECT ${summed('direct_marks')} FROM direct_marks WHERE user = ? AND conversation = ?`;

const queries = {
  find,
  place: `SELECT ${columns} FROM conversations WHERE id = ?`,
} as const;

/** SQL: the newest conversations that come behind the place ?2, ?3, where the user ?1 is that column. */
function newestOf(column: 'one' | 'other', alsoWhere = ''): string {
  return `SELECT * FROM (SELECT ${columns} FROM conversations
    WHERE ${column} = ?1 ${alsoWhere} AND newest > 0 AND (newest, id) < (?2, ?3) ORDER BY newest DESC, id DESC LIMIT ?4)`;
}

// They are long: a login does not wait for lists.
const lists = {
  page: `${newestOf('one')} UNION ALL ${newestOf('other', 'AND one <> ?1')} ORDER BY newest DESC, id DESC LIMIT ?4`,
  runs: `SELECT ${runColumns} FROM json_each(?) asked JOIN runs r ON r.room = asked.value
    AND r.first = (SELECT max(first) FROM runs WHERE room = asked.value)`,
  marks: `SELECT ${summed('direct_marks', 'm.')} FROM json_each(?2) asked
    JOIN direct_marks m ON m.user = ?1 AND m.conversation = asked.value`,
} as const;

const commands = {
  find,
  mark,
  next: `SELECT ifnull(max(id), ${lastRoomLog}) + 1 AS id FROM conversations`,
  create: `INSERT INTO conversations (${columns}) VALUES (?, ?, ?, ?, ?, ?)`,
  setMark: `INSERT OR REPLACE INTO direct_marks (${summed('direct_marks')}) VALUES (?, ?, ?, ?)`,
} as const;

/** Conversations in the tables of SQLite. The methods are those of `Conversations`. */
export class SqliteConversations implements Conversations {
  readonly #statements: Statements<typeof queries, typeof commands>;
  readonly #lists: Prepared<typeof lists>;
  readonly #commits: Writes;
  readonly #newestTimes: NewestTimes;

  private constructor(
    statements: Statements<typeof queries, typeof commands>,
    prepared: Prepared<typeof lists>,
    commits: Writes,
    newestTimes: NewestTimes,
  ) {
    this.#statements = statements;
    this.#lists = prepared;
    this.#commits = commits;
    this.#newestTimes = newestTimes;
  }

  /** @param commits carries out what changes conversations */
  static async prepare(
    connections: ReaderAndWriter,
    commits: Writes,
    newestTimes: NewestTimes,
  ): Promise<SqliteConversations> {
    const statements = await prepareBoth(connections, queries, commands);
    const prepared = await prepareAll(connections.reader, lists, { isLong: true });
    return new SqliteConversations(statements, prepared, commits, newestTimes);
  }

  find(one: UserId, other: UserId): Promise<LogId | undefined> {
    return reading(async () => {
      const [row] = await this.#statements.queries.find.all(...pairOf(one, other));
      if (row === undefined) return undefined;
      this.#newestTimes.learn(checked('conversations', row));
      return Number(row['id']);
    });
  }

  open(one: UserId, other: UserId, payer?: Payer): Promise<OpenedConversation> {
    const { find: findPair, next, create } = this.#statements.commands;
    return this.#commits.write(async () => {
      const pair = pairOf(one, other);
      const found = idIn(await findPair.all(...pair));
      if (found !== undefined) return { log: found, isNew: false };
      const log = Number((await next.all())[0]?.['id']);
      await create.run(...withSum(log, ...pair, Date.now(), 0));
      return { log, isNew: true };
    }, payer);
  }

  list(user: UserId, after: LogId | undefined, limit: number): Promise<readonly ListedConversation[]> {
    return reading(async () => {
      const [place] = after === undefined ? [] : await this.#statements.queries.place.all(after);
      const newest = place === undefined ? Number.MAX_SAFE_INTEGER : Number(checked('conversations', place)['newest']);
      const id = after ?? Number.MAX_SAFE_INTEGER;
      const rows = await this.#lists.page.all(user, newest, id, limit);
      const logs = JSON.stringify(rows.map((row) => row['id']));
      const runs = await this.#lists.runs.all(logs);
      const heads = new Map(runs.map((row) => [Number(row['room']), lastIn(row)]));
      const marks = (await this.#lists.marks.all(user, logs)).map((row) => checked('direct_marks', row));
      const reads = new Map(marks.map(({ conversation, read }) => [Number(conversation), Number(read)]));
      return rows.map((row) => {
        const { one, other, newest: time } = checked('conversations', row);
        const log = Number(row['id']);
        return {
          log,
          with: Number(one === user ? other : one),
          last: heads.get(log) ?? 0,
          time: Number(time),
          read: reads.get(log) ?? 0,
        };
      });
    });
  }

  markRead(user: UserId, log: LogId, id: number, payer?: Payer): Promise<number> {
    const { mark: findMark, setMark } = this.#statements.commands;
    return this.#commits.write(async () => {
      const before = readIn(await findMark.all(user, log));
      if (before !== id) await setMark.run(...withSum(user, log, id));
      return before;
    }, payer);
  }
}

function idIn([row]: readonly Row[]): LogId | undefined {
  return row === undefined ? undefined : Number(checked('conversations', row)['id']);
}

function readIn([row]: readonly Row[]): number {
  return row === undefined ? 0 : Number(checked('direct_marks', row)['read']);
}
