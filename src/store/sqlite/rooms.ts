// Rooms and roles in the database. Writes run within a commit; reads run at any time.
import type { GivenRole, RoomChange, RoomId, RoomList, RoomRecord, RoomState, UserId, Version } from '../directory.js';
import { changedRoles } from '../roles.js';
import { defaultSettings, parsedSettings, settingsText } from '../room-settings.js';
import type { Name } from '../../text/names.js';
import type { Row, Statement } from './database.js';
import { prepareAll, prepareBoth, withSum, type Prepared, type ReaderAndWriter, type Statements } from './prepared.js';
import { insertSkeletons, keepSkeletons, looksTaken } from './skeletons.js';
import { checked, summed, sumOfRow } from './sums.js';

const roomColumns = summed('rooms');
const find = `SELECT id, ${roomColumns} FROM rooms WHERE key = ?`;
const roles = `SELECT ${summed('roles')} FROM roles WHERE room = ? ORDER BY seq, user`;

const queries = {
  find,
  roles,
} as const;

/** The rooms that a list looks at in one read: half a millisecond. */
const mostSeen = 2000;

// They are long: a login does not wait for lists.
const lists = {
  all: `SELECT ${roomColumns} FROM rooms WHERE key > ? ORDER BY key LIMIT ?`,
  // The key of the last room that a read looks at, where more come after it.
  end: `SELECT key FROM rooms WHERE key > ? ORDER BY key LIMIT 1 OFFSET ${mostSeen - 1}`,
  // Every text is less than a blob.
  matching: `SELECT ${roomColumns} FROM rooms WHERE key > ? AND key <= ifnull(?, x'') AND instr(key, ?) > 0
    ORDER BY key LIMIT ?`,
} as const;

const commands = {
  find,
  roles,
  read: `SELECT id, ${roomColumns} FROM rooms WHERE id = ?`,
  create: `INSERT INTO rooms (${roomColumns}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT ${looksTaken('room')}
    ON CONFLICT DO NOTHING RETURNING id`,
  insertSkeletons,
  setRole: `INSERT OR REPLACE INTO roles (${summed('roles')}) VALUES (?, ?, ?, ?, ?)`,
  lastRole: 'SELECT max(seq) AS seq FROM roles WHERE room = ?',
  removeRole: 'DELETE FROM roles WHERE room = ? AND user = ?',
  change: 'UPDATE rooms SET topic = ?, state = ?, version = ?, settings = ?, crc = ? WHERE id = ?',
} as const;

/** The rooms of a directory. Every method rejects with DamageError where a row that it reads is damaged. */
export class Rooms {
  readonly #statements: Statements<typeof queries, typeof commands>;
  readonly #lists: Prepared<typeof lists>;

  private constructor(statements: Statements<typeof queries, typeof commands>, prepared: Prepared<typeof lists>) {
    this.#statements = statements;
    this.#lists = prepared;
  }

  static async prepare(connections: ReaderAndWriter): Promise<Rooms> {
    const prepared = await prepareBoth(connections, queries, commands);
    return new Rooms(prepared, await prepareAll(connections.reader, lists, { isLong: true }));
  }

  /** As `Directory.findRoom`. */
  async find(key: string): Promise<RoomRecord | undefined> {
    const { find: findRoom, roles: findRoles } = this.#statements.queries;
    const [row] = await findRoom.all(key);
    return row && roomOf(row, findRoles);
  }

  /** As `Directory.openRoom`, for a user who creates the room where it is not there. Within a commit. */
  async open({ name, key, skeletons }: Name, creator: UserId): Promise<RoomRecord | 'lookalike'> {
    const { find: findRoom, roles: findRoles, create, insertSkeletons: keep, setRole } = this.#statements.commands;
    const now = Date.now();
    // Most rooms that are asked for here are new: the directory has looked for the room already.
    const [created] = await create.all(
      ...withSum(name, key, '', now, 'open', 1, settingsText(defaultSettings), 0),
      ...skeletons,
    );
    if (created === undefined) {
      const [existing] = await findRoom.all(key);
      return existing === undefined ? 'lookalike' : roomOf(existing, findRoles);
    }
    const id = Number(created['id']);
    await keepSkeletons(keep, 'room', skeletons, id);
    await setRole.run(...withSum(id, creator, 'owner', 1));
    const roles = new Map([[creator, 'owner']] as const);
    const made = { id, version: 1, name, key, topic: '', state: 'open', settings: defaultSettings } as const;
    return { ...made, roles, erased: 0, created: now };
  }

  /** The room with that id. Within a commit. */
  async read(id: RoomId): Promise<RoomRecord | undefined> {
    const { read, roles: findRoles } = this.#statements.commands;
    const [row] = await read.all(id);
    return row && roomOf(row, findRoles);
  }

  /** As `Directory.listRooms`. */
  async list(match: string, after: string, limit: number): Promise<RoomList> {
    const { all, end: findEnd, matching } = this.#lists;
    const [end] = match === '' ? [] : await findEnd.all(after);
    const endKey = end === undefined ? undefined : String(end['key']);
    const rows = match === '' ? await all.all(after, limit) : await matching.all(after, endKey ?? null, match, limit);
    const rooms = rows.map((row) => {
      const { name, key, topic, state } = checked('rooms', row);
      return { name: String(name), key: String(key), topic: String(topic), state: state as RoomState };
    });
    return { rooms, next: rooms.length === limit ? rooms.at(-1)?.key : endKey };
  }

  /** As `Directory.changeRoom`, and answers the room as it is then. Within a commit. */
  async change(id: RoomId, change: RoomChange, version?: Version): Promise<RoomRecord | 'stale' | 'gone'> {
    const { read, roles: findRoles, change: update } = this.#statements.commands;
    const [row] = await read.all(id);
    if (row === undefined) return 'gone';
    const room = await roomOf(row, findRoles);
    if (version !== undefined && version !== room.version) return 'stale';
    const { topic = room.topic, state = room.state } = change;
    const roles = changedRoles(room.roles, change.owner, change.role);
    await this.#writeRoles(id, room.roles, roles);
    const settings = { ...room.settings, ...change.settings };
    const changed = { ...row, topic, state, version: room.version + 1, settings: settingsText(settings) };
    await update.run(topic, state, changed.version, changed.settings, sumOfRow('rooms', changed), id);
    return { ...room, topic, state, version: changed.version, settings, roles };
  }

  /** Writes the roles that differ from those before. */
  async #writeRoles(room: RoomId, before: RoomRecord['roles'], after: RoomRecord['roles']): Promise<void> {
    const { lastRole, setRole, removeRole } = this.#statements.commands;
    for (const user of before.keys()) if (!after.has(user)) await removeRole.run(room, user);
    const given = [...after].filter(([user, role]) => before.get(user) !== role);
    if (given.length === 0) return;
    let seq = Number((await lastRole.all(room))[0]?.['seq'] ?? 0);
    for (const [user, role] of given) {
      seq += 1;
      await setRole.run(...withSum(room, user, role, seq));
    }
  }
}

/**
 * Reads a row as a room. Throws DamageError. @param findRoles the statement `roles`, on the connection that found the
 * row
 */
async function roomOf(row: Row, findRoles: Statement): Promise<RoomRecord> {
  const { name, key, topic, state, created, version, settings, erased } = checked('rooms', row);
  const id = Number(row['id']);
  const found = (await findRoles.all(id)).map((role) => checked('roles', role));
  return {
    id,
    version: Number(version),
    name: String(name),
    key: String(key),
    topic: String(topic),
    state: state as RoomState,
    settings: parsedSettings(String(settings)) ?? defaultSettings,
    roles: new Map(found.map(({ user, role }) => [Number(user), role as GivenRole])),
    erased: Number(erased),
    created: Number(created),
  };
}
