// Reads all that is stored about one user (../personal-data.ts). The lines are those of an export, without secrets, and
// with the names of rooms and of others beside their numbers. Each read is short, so that others have their turns
// between.
import type { UserId } from '../log.js';
import type { PersonalData } from '../personal-data.js';
import { parsedSettings } from '../room-settings.js';
import type { Database, Row, Statement, Value } from './database.js';
import { line, members, messageAt, type PlainTable } from './export.js';
import { Pace } from './pace.js';
import { prepareAll, type Prepared } from './prepared.js';
import { reading } from './reading.js';
import { runsInSteps } from './run-steps.js';
import { runColumns, type Run } from './runs.js';
import { checked, summed } from './sums.js';

/** How many rows, rooms and runs are read at a time. A run has 64 KiB; one of older data up to 2.4 MB. */
const [rowsAtOnce, roomsAtOnce, runsAtOnce] = [100, 200, 16];

/**
 * The tables with rows of a user: the column that says whose a row is, the one by which they are read page by page, and
 * what is less than all of its values.
 */
const tablesOfUser: readonly (readonly [table: PlainTable, owner: string, order: string, least: Value])[] = [
  ['seen', 'user', 'user', 0],
  ['members', 'user', 'room', 0],
  ['roles', 'user', 'room', 0],
  ['room_bans', 'user', 'room', 0],
  ['tokens', 'user', 'id', ''],
  ['blocks', 'user', 'blocked', 0],
  ['direct_marks', 'user', 'conversation', 0],
];

const sql = {
  user: `SELECT id, ${summed('users')} FROM users WHERE id = ?`,
  ban: `SELECT ${summed('bans')} FROM bans WHERE kind = 'user' AND target = ?`,
  // A room has some hundred bans at most.
  bansBy: `SELECT ${summed('room_bans')} FROM room_bans WHERE by = ?1
    AND room = (SELECT min(room) FROM room_bans WHERE by = ?1 AND room > ?2)`,
  // Twenty at most to each of those whom it has invited.
  invitationsBy: `SELECT ${summed('members')} FROM members WHERE by = ?1 AND invited = 1
    AND room = (SELECT min(room) FROM members WHERE by = ?1 AND invited = 1 AND room > ?2)`,
  rooms: `SELECT id, ${summed('rooms')} FROM rooms WHERE id > ? ORDER BY id LIMIT ${roomsAtOnce}`,
  conversationIds: `SELECT id FROM conversations WHERE one = ?1 AND newest > 0
    UNION SELECT id FROM conversations WHERE other = ?1 AND newest > 0`,
  conversations: `SELECT ${summed('conversations')} FROM conversations WHERE id IN (SELECT value FROM json_each(?))`,
  roomNames: 'SELECT id, name, erased FROM rooms WHERE id IN (SELECT value FROM json_each(?))',
  userNames: 'SELECT id, name FROM users WHERE id IN (SELECT value FROM json_each(?))',
  keys: `SELECT ${summed('keys')} FROM keys WHERE room = ?1 AND id BETWEEN ?2 AND ?3 AND author = ?4`,
} as const;

const long = {
  last: 'SELECT coalesce(max(seq), 0) AS last FROM runs',
  runs: `SELECT seq, ${runColumns} FROM runs r WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ${runsAtOnce}`,
} as const;

/** The members of a row's line that would let others log in. */
const secrets: readonly string[] = ['password', 'stored_key', 'server_key'];

type Line = Readonly<Record<string, unknown>>;

/** The other user of each conversation of a user. */
type Others = ReadonlyMap<number, UserId>;

/** What is stored about users in SQLite. */
export class SqlitePersonalData implements PersonalData {
  readonly #statements: Prepared<typeof sql>;
  readonly #long: Prepared<typeof long>;
  readonly #tables: readonly Statement[];

  private constructor(statements: Prepared<typeof sql>, longOnes: Prepared<typeof long>, rows: readonly Statement[]) {
    this.#statements = statements;
    this.#long = longOnes;
    this.#tables = rows;
  }

  static async prepare(reader: Database): Promise<SqlitePersonalData> {
    const rows: Statement[] = [];
    for (const [table, owner, order] of tablesOfUser)
      rows.push(
        await reader.prepare(`SELECT ${summed(table)} FROM ${table} WHERE ${owner} = ?1 AND ${order} > ?2
          ORDER BY ${order} LIMIT ${rowsAtOnce}`),
      );
    return new SqlitePersonalData(
      await prepareAll(reader, sql),
      await prepareAll(reader, long, { isLong: true }),
      rows,
    );
  }

  async *of(user: UserId): AsyncGenerator<readonly string[], void, undefined> {
    const { last: findLast } = this.#long;
    const last = await reading(async () => Number((await findLast.all())[0]?.['last']));
    yield await this.#lines(() => this.#record(user), user);
    for (const [at, [table, , order, least]] of tablesOfUser.entries())
      yield* this.#pages(user, order, least, async (after) => {
        const rows = (await this.#tables[at]?.all(user, after)) ?? [];
        return rows.map((row) => ({ in: table, ...members(table, checked(table, row)) }));
      });
    yield* this.#pages(user, 'room', 0, async (after) => {
      const rows = await this.#statements.bansBy.all(user, after);
      return rows.map((row) => ({ in: 'room_bans', ...members('room_bans', checked('room_bans', row)) }));
    });
    yield* this.#pages(user, 'room', 0, async (after) => {
      const rows = await this.#statements.invitationsBy.all(user, after);
      return rows.map((row) => ({ in: 'members', ...members('members', checked('members', row)) }));
    });
    yield* this.#topics(user);
    const others = new Map<number, UserId>();
    yield* this.#conversations(user, others);
    yield* this.#messages(user, last, others);
  }

  /** The user's own row, and the operator's ban. */
  async #record(user: UserId): Promise<readonly Line[]> {
    const [row] = await this.#statements.user.all(user);
    if (row === undefined) return [];
    const bans = await this.#statements.ban.all(String(row['key']));
    return [
      { in: 'users', ...members('users', checked('users', row)) },
      ...bans.map((ban) => ({ in: 'bans', ...members('bans', checked('bans', ban)) })),
    ];
  }

  /** All pages. @param read reads those that follow, in the order of the column `order`; none at the end */
  async *#pages(
    user: UserId,
    order: string,
    least: Value,
    read: (after: Value) => Promise<readonly Line[]>,
  ): AsyncGenerator<readonly string[], void, undefined> {
    for (let after = least; ; ) {
      let next: Value | undefined;
      yield await this.#lines(async () => {
        const found = await read(after);
        next = found.at(-1)?.[order] as Value | undefined;
        return found;
      }, user);
      if (next === undefined) return;
      after = next;
    }
  }

  /** The topics that the user has set and that still stand. */
  async *#topics(user: UserId): AsyncGenerator<readonly string[], void, undefined> {
    for (let after = 0; ; ) {
      const rows = await reading(() => this.#statements.rooms.all(after));
      yield rows
        .map((row) => checked('rooms', row))
        .filter(({ settings }) => parsedSettings(String(settings))?.topicBy === user)
        .map(({ id, name, topic }) => line({ in: 'topics', room: id, room_name: name, topic }));
      if (rows.length < roomsAtOnce) return;
      after = Number(rows.at(-1)?.['id']);
    }
  }

  /** The user's conversations. @param others is filled with them */
  async *#conversations(user: UserId, others: Map<number, UserId>): AsyncGenerator<readonly string[], void, undefined> {
    const ids = await reading(async () =>
      (await this.#statements.conversationIds.all(user)).map(({ id }) => Number(id)),
    );
    for (let begin = 0; begin < ids.length; begin += rowsAtOnce) {
      const asked = JSON.stringify(ids.slice(begin, begin + rowsAtOnce));
      yield await this.#lines(
        async () => {
          const rows = (await this.#statements.conversations.all(asked)).map((row) => checked('conversations', row));
          for (const { id, one, other } of rows) others.set(Number(id), Number(one === user ? other : one));
          return rows.map((row) => ({ in: 'conversations', ...members('conversations', row) }));
        },
        user,
        others,
      );
    }
  }

  /** Reads the private messages that the user sent and received. */
  async *#messages(user: UserId, last: number, others: Others): AsyncGenerator<readonly string[], void, undefined> {
    for (let after = Number.MIN_SAFE_INTEGER; after < last; ) {
      let rows: readonly Row[] = [];
      yield await this.#lines(
        async () => {
          rows = await this.#long.runs.all(after, last);
          const found: Line[] = [];
          for (const run of await runsInSteps(rows)) found.push(...(await this.#messagesIn(run, user, others)));
          return found;
        },
        user,
        others,
      );
      if (rows.length === 0) return;
      after = Number(rows.at(-1)?.['seq']);
    }
  }

  async #messagesIn(run: Run, user: UserId, others: Others): Promise<readonly Line[]> {
    const { room, first, count, time } = run;
    const { authors } = run.columns;
    const isPrivate = others.has(room);
    if (!isPrivate && !authors.includes(user)) return [];
    const rows = await this.#statements.keys.all(room, first, first + count - 1, user);
    const keys = new Map(rows.map((row) => [Number(checked('keys', row)['id']), row['key']]));
    const found: Line[] = [];
    const pace = new Pace();
    for (const [at, author] of authors.entries()) {
      if (!isPrivate && author !== user) continue;
      const rest = messageAt(run, at);
      found.push({ in: 'messages', room, id: first + at, author, time, ...rest, key: keys.get(first + at) });
      await pace.giveWay();
    }
    return found;
  }

  /**
   * The lines that `read` finds, without secrets, with names beside the numbers of rooms and of other users, and
   * without messages that were trimmed.
   */
  async #lines(read: () => Promise<readonly Line[]>, user: UserId, others?: Others): Promise<readonly string[]> {
    return reading(async () => {
      const found: readonly Line[] = (await read()).map((each) => ({ ...each, with: withOf(each, others) }));
      const people = ['user', 'by', 'blocked', 'author', 'with'] as const;
      const asked = (names: readonly string[]): string =>
        JSON.stringify([...new Set(found.flatMap((each) => names.map((name) => each[name])))]);
      const roomRows = await this.#statements.roomNames.all(asked(['room']));
      const rooms = new Map(roomRows.map(({ id, name, erased }) => [id, { name, erased: Number(erased) }]));
      const userRows = await this.#statements.userNames.all(asked(people));
      const users = new Map(userRows.map(({ id, name }) => [id, name]));
      const lines: string[] = [];
      const pace = new Pace();
      for (const each of found) {
        const { erased = 0, name: roomName } = rooms.get(each['room']) ?? {};
        if (each['in'] === 'messages' && Number(each['id']) <= erased) continue;
        const named = people
          .filter((name) => each[name] !== user && users.has(each[name]))
          .map((name) => [`${name}_name`, users.get(each[name])] as const);
        const kept = Object.entries(each).filter(([name]) => !secrets.includes(name));
        lines.push(line({ ...Object.fromEntries(kept), room_name: roomName, ...Object.fromEntries(named) }));
        await pace.giveWay();
      }
      return lines;
    });
  }
}

/** With whom the conversation is that a line is about. */
function withOf(each: Line, others: Others | undefined): UserId | undefined {
  return others?.get(Number(each['in'] === 'conversations' ? each['id'] : each['room']));
}
