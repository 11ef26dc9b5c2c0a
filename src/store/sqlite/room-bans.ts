// Bans from rooms in the database. Writes run within a commit; reads run at any time.
import type { ListedRoomBan, RoomBan, RoomId, RoomRecord } from '../directory.js';
import type { Row, Statement } from './database.js';
import { prepareBoth, withSum, type ReaderAndWriter, type Statements } from './prepared.js';
import { checked, summed } from './sums.js';

const columns = summed('room_bans');

/** SQL: all bans from a room, for `bansIn`. */
export const bansOfRoom = `SELECT ${columns} FROM room_bans WHERE room = ?`;

const queries = {
  // A room has some hundred bans at most, which are sorted here.
  list: `SELECT ${summed('room_bans', 'room_bans.')}, users.name AS name, users.key AS key
    FROM room_bans JOIN users ON users.id = room_bans.user
    WHERE room_bans.room = ? AND users.key > ? AND (until = 0 OR until > ?) ORDER BY users.key LIMIT ?`,
} as const;

const commands = {
  set: `INSERT OR REPLACE INTO room_bans (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  remove: 'DELETE FROM room_bans WHERE room = ? AND user = ?',
} as const;

/** The bans from rooms of a directory. Every method rejects with DamageError where a row that it reads is damaged. */
export class RoomBans {
  readonly #statements: Statements<typeof queries, typeof commands>;

  private constructor(statements: Statements<typeof queries, typeof commands>) {
    this.#statements = statements;
  }

  static async prepare(connections: ReaderAndWriter): Promise<RoomBans> {
    return new RoomBans(await prepareBoth(connections, queries, commands));
  }

  /** As `Directory.listRoomBans`. */
  async list(room: RoomId, after: string, limit: number, now: number): Promise<readonly ListedRoomBan[]> {
    return (await this.#statements.queries.list.all(room, after, now, limit)).map((row) => {
      const { name, key } = row;
      return { ...banOf(checked('room_bans', row)), name: String(name), key: String(key) };
    });
  }

  /**
   * Writes the bans that a change of the room's record has made or taken away. Within a commit.
   * @param made the ban that the change has made
   */
  async write(
    room: RoomId,
    before: RoomRecord['bans'],
    after: RoomRecord['bans'],
    made: RoomBan | undefined,
  ): Promise<void> {
    const { set, remove } = this.#statements.commands;
    for (const user of before.keys()) if (!after.has(user)) await remove.run(room, user);
    if (made === undefined) return;
    const { user, by, reason, created, until = 0 } = made;
    await set.run(...withSum(room, user, by, reason, created, until));
  }
}

/** The bans from a room as its record has them. @param find the statement `bansOfRoom`. Throws DamageError */
export async function bansIn(room: RoomId, find: Statement): Promise<RoomRecord['bans']> {
  const bans = (await find.all(room)).map((row) => banOf(checked('room_bans', row)));
  return new Map(bans.map(({ user, until = Infinity }) => [user, until]));
}

function banOf({ user, by, reason, created, until }: Row): RoomBan {
  return {
    user: Number(user),
    by: Number(by),
    reason: String(reason),
    created: Number(created),
    // 0 stands for a ban that does not end by itself.
    until: Number(until) || undefined,
  };
}
