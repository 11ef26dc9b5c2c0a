// Memberships in the database: changes are jobs of the next commit, and reads go to the connection that reads.
import type { GivenRole, RoomId, UserId } from '../directory.js';
import { GatheredReads } from '../gathered-reads.js';
import { MembershipBatch, type MembershipCounts } from '../membership-batch.js';
import { MembershipWriter } from '../membership-writer.js';
import type { JoinedRoom, Membership, MembershipChange, MembershipOutcome, MembershipStore } from '../membership.js';
import type { Payer } from '../../turns/payer.js';
import type { Row } from './database.js';
import {
  prepareAll,
  prepareBoth,
  withSum,
  type Prepared,
  type ReaderAndWriter,
  type Statements,
  type Writes,
} from './prepared.js';
import { readEach, reading } from './reading.js';
import { checked, summed, tables, type Table } from './sums.js';

const columns = summed('members');

/** The columns that `checked` needs, of a table in a join. */
function joined(table: Table, alias: string): string {
  return [...tables[table].columns, 'crc'].map((column) => `${alias}.${column} AS ${alias}_${column}`).join(', ');
}

/** Finds the oldest of those who have joined, or of those who are invited. The rows come in the order of an index. */
function oldest(invited: 0 | 1): string {
  return `SELECT ${columns} FROM members WHERE room = ?1 AND invited = ${invited} AND user <> ?2
    AND NOT EXISTS (SELECT 1 FROM roles WHERE roles.room = members.room AND roles.user = members.user)
    AND (SELECT state FROM users WHERE users.id = members.user) = 'active' ORDER BY since, key LIMIT 1`;
}

const queries = {
  find: `SELECT asked.key AS place, ${summed('members', 'm.')} FROM json_each(?) asked
    JOIN members m ON m.room = asked.value ->> 0 AND m.key = asked.value ->> 1`,
  // Entries of one index alone, one look-up for each room of the one user.
  share: `SELECT 1 AS shared FROM members a JOIN members b ON b.user = ?2 AND b.invited = 0 AND b.room = a.room
    WHERE a.user = ?1 AND a.invited = 0 LIMIT 1`,
  countJoined: 'SELECT count(*) AS joined FROM members WHERE user = ? AND invited = 0',
  oldest: `SELECT * FROM (${oldest(0)}) UNION ALL SELECT * FROM (${oldest(1)}) LIMIT 1`,
} as const;

// They are long: a login does not wait for lists.
const lists = {
  rooms: `SELECT ${joined('members', 'm')}, ${joined('rooms', 'r')}, ${joined('roles', 'g')}
    FROM members m JOIN rooms r ON r.id = m.room LEFT JOIN roles g ON g.room = m.room AND g.user = m.user
    WHERE m.user = ? AND m.invited = 0 AND r.key > ? ORDER BY r.key LIMIT ?`,
  members: `SELECT ${columns} FROM members WHERE room = ? AND key > ? ORDER BY key LIMIT ?`,
} as const;

/** The place of a column in the array that `write` takes for a row. */
function place(column: string): number {
  return tables.members.columns.indexOf(column);
}

const row = tables.members.columns.concat('crc').map((_, at) => `value ->> ${at}`);

const commands = {
  // A row for each change: what is there, and how much the user has, if one is named. Both in one statement, because
  // the messages of the commit wait for each trip to the pool. Each count takes the entries of one user in an index.
  read: `SELECT ${summed('members', 'm.')}, asked.value ->> 2 AS counted,
    (SELECT count(*) FROM members WHERE user = asked.value ->> 2 AND invited = 0) AS all_joined,
    (SELECT count(*) FROM members WHERE user = asked.value ->> 2 AND invited = 1) AS all_invited
    FROM json_each(?) asked LEFT JOIN members m ON m.room = asked.value ->> 0 AND m.key = asked.value ->> 1`,
  countOf: `SELECT value ->> 0 AS user, value ->> 1 AS by,
    (SELECT count(*) FROM members WHERE user = value ->> 0 AND by = value ->> 1 AND invited = 1) AS count
    FROM json_each(?)`,
  // One look over the entries of an index, then twenty rows at most.
  yielding: `SELECT ${columns} FROM members WHERE user = ?1 AND invited = 1 AND by =
    (SELECT by FROM members WHERE user = ?1 AND invited = 1 GROUP BY by ORDER BY count(*) DESC LIMIT 1)
    ORDER BY since`,
  // Of who was deleted while this waited nothing is kept: it would outlast the erasure of the user, or of the room.
  write: `INSERT OR REPLACE INTO members (${columns}) SELECT ${row.join(', ')} FROM json_each(?)
    WHERE NOT EXISTS (SELECT 1 FROM rooms WHERE id = value ->> ${place('room')} AND state = 'deleted')
    AND NOT EXISTS (SELECT 1 FROM users WHERE id = value ->> ${place('user')} AND state = 'deleted')`,
  remove: 'DELETE FROM members WHERE (room, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))',
  endInvitations: 'DELETE FROM members WHERE user = ? AND by = ? AND invited = 1',
} as const;

/** Memberships in the tables of SQLite. The methods are those of `MembershipStore`. */
export class SqliteMemberships implements MembershipStore {
  readonly #statements: Statements<typeof queries, typeof commands>;
  readonly #lists: Prepared<typeof lists>;
  readonly #commits: Writes;
  readonly #writer: MembershipWriter;
  readonly #found: GatheredReads<readonly [room: RoomId, key: string], Membership>;

  private constructor(
    statements: Statements<typeof queries, typeof commands>,
    prepared: Prepared<typeof lists>,
    commits: Writes,
  ) {
    this.#statements = statements;
    this.#lists = prepared;
    this.#commits = commits;
    this.#writer = new MembershipWriter(commits, (changes) => this.#apply(changes));
    this.#found = new GatheredReads((asked) =>
      readEach(asked, async (some) => {
        const rows = await statements.queries.find.all(JSON.stringify(some));
        return new Map(rows.map((row) => [Number(row['place']), membershipOf(row)]));
      }),
    );
  }

  /** @param commits carries out the changes */
  static async prepare(connections: ReaderAndWriter, commits: Writes): Promise<SqliteMemberships> {
    const statements = await prepareBoth(connections, queries, commands);
    const prepared = await prepareAll(connections.reader, lists, { isLong: true });
    return new SqliteMemberships(statements, prepared, commits);
  }

  change(change: MembershipChange, payer?: Payer): Promise<MembershipOutcome> {
    return this.#writer.change(change, payer);
  }

  find(room: RoomId, key: string): Promise<Membership | undefined> {
    return this.#found.find([room, key]);
  }

  share(one: UserId, other: UserId): Promise<boolean> {
    return reading(async () => (await this.#statements.queries.share.all(one, other)).length > 0);
  }

  countJoined(user: UserId): Promise<number> {
    return reading(async () => Number((await this.#statements.queries.countJoined.all(user))[0]?.['joined'] ?? 0));
  }

  listRooms(user: UserId, after: string, limit: number): Promise<readonly JoinedRoom[]> {
    return reading(async () => (await this.#lists.rooms.all(user, after, limit)).map(joinedRoomOf));
  }

  listMembers(room: RoomId, after: string, limit: number): Promise<readonly Membership[]> {
    return reading(async () => (await this.#lists.members.all(room, after, limit)).map(membershipOf));
  }

  oldest(room: RoomId, except: UserId): Promise<Membership | undefined> {
    return reading(async () => (await this.#statements.queries.oldest.all(room, except)).map(membershipOf)[0]);
  }

  async endInvitations(user: UserId, by: UserId, payer?: Payer): Promise<void> {
    await this.#commits.write(() => this.#statements.commands.endInvitations.run(user, by), payer);
  }

  /** Carries out changes within a commit: few statements, however many changes there are. */
  async #apply(changes: readonly MembershipChange[]): Promise<readonly MembershipOutcome[]> {
    const { read, write, remove } = this.#statements.commands;
    const rows = await read.all(JSON.stringify(askedOf(changes)));
    const stored = rows.filter(({ room }) => room !== null).map(membershipOf);
    const batch = new MembershipBatch(stored, await this.#countsOf(changes, rows));
    const outcomes = changes.map((change) => batch.apply(change));
    const written = [...batch.written.values()].filter((each) => each !== undefined);
    const removed = [...batch.written].flatMap(([id, each]) => (each === undefined ? [id] : []));
    if (written.length > 0) await write.run(JSON.stringify(written.map(valuesOf)));
    if (removed.length > 0) await remove.run(JSON.stringify(removed.map(placeOf)));
    return outcomes;
  }

  /**
   * What those have who may get a new membership.
   * @param rows of the statement `read`
   */
  async #countsOf(
    changes: readonly MembershipChange[],
    rows: readonly Row[],
  ): Promise<ReadonlyMap<UserId, MembershipCounts>> {
    const { countOf, yielding } = this.#statements.commands;
    const counts = new Map<UserId, MembershipCounts>();
    for (const { counted, all_joined: joined, all_invited: invited } of rows)
      if (counted !== null)
        counts.set(Number(counted), { joined: Number(joined), invited: Number(invited), of: new Map(), yielding: [] });
    const invites = changes.filter((change) => change.kind === 'invite');
    if (invites.length === 0) return counts;
    for (const { user, by, count: of } of await countOf.all(JSON.stringify(invites.map(({ user, by }) => [user, by]))))
      counts.get(Number(user))?.of.set(Number(by), Number(of));
    for (const { user, most } of invites) {
      const own = counts.get(user);
      const asked = invites.filter((each) => each.user === user).length;
      if (own === undefined || own.yielding.length > 0 || own.invited + asked <= most) continue;
      own.yielding.push(...(await yielding.all(user)).map(membershipOf));
    }
    return counts;
  }
}

/** What the statement `read` is given. It counts for those who may get a new membership, once for each user. */
function askedOf(changes: readonly MembershipChange[]): readonly unknown[] {
  const counted = new Set<UserId>();
  return changes.map(({ kind, room, key, user }) => {
    const counts = (kind === 'join' || kind === 'invite') && !counted.has(user);
    if (counts) counted.add(user);
    return counts ? [room, key, user] : [room, key];
  });
}

/** The place of a row from its `membershipId`: no room's number has a space. */
function placeOf(id: string): readonly [room: number, key: string] {
  const end = id.indexOf(' ');
  return [Number(id.slice(0, end)), id.slice(end + 1)];
}

function valuesOf({ room, key, user, since, isInvited, by, password, read }: Membership): readonly unknown[] {
  return withSum(room, key, user, since, Number(isInvited), by, password, read);
}

/** Reads a row as a membership. Throws DamageError. */
function membershipOf(found: Row): Membership {
  const { room, key, user, since, invited, by, password, read } = checked('members', found);
  return {
    room: Number(room),
    key: String(key),
    user: Number(user),
    since: Number(since),
    isInvited: invited === 1,
    by: Number(by),
    password: Number(password),
    read: Number(read),
  };
}

/** The columns of one table in a row of a join. */
function partOf(found: Row, alias: string): Row {
  const prefix = `${alias}_`;
  const own = Object.entries(found).filter(([column]) => column.startsWith(prefix));
  return Object.fromEntries(own.map(([column, value]) => [column.slice(prefix.length), value]));
}

/** Reads a row of the list of rooms. Throws DamageError. */
function joinedRoomOf(found: Row): JoinedRoom {
  const { room, read } = membershipOf(partOf(found, 'm'));
  const { name, key, erased } = checked('rooms', partOf(found, 'r'));
  const given = partOf(found, 'g');
  const role = given['role'] === null ? 'member' : (checked('roles', given)['role'] as GivenRole);
  return { room, name: String(name), key: String(key), role, read, erased: Number(erased) };
}
