// Rooms and roles in the database. Writes run within a commit; reads run at any time.
import type { GivenRole, NotOpened, RoomChange, RoomId, RoomList } from '../directory.js';
import type { RoomRecord, RoomState, UserId, Version } from '../directory.js';
import { changedRoom, receiverOf } from '../changed-room.js';
import { defaultSettings, parsedSettings, settingsText } from '../room-settings.js';
import type { Name } from '../../text/names.js';
import type { Row, Statement } from './database.js';
import { Erasing } from './erasing.js';
import {
  lastSeen,
  prepareAll,
  prepareBoth,
  withSum,
  type Prepared,
  type ReaderAndWriter,
  type Statements,
} from './prepared.js';
import { bansIn, bansOfRoom, RoomBans } from './room-bans.js';
import { insertSkeletons, keepSkeletons, looksTaken } from './skeletons.js';
import { checked, summed, sumOfRow } from './sums.js';

const roomColumns = summed('rooms');
const find = `SELECT id, ${roomColumns} FROM rooms WHERE key = ?`;
const roles = `SELECT ${summed('roles')} FROM roles WHERE room = ? ORDER BY seq, user`;

const queries = {
  find,
  roles,
  bans: bansOfRoom,
  naming: `SELECT rooms.id AS id, rooms.key AS key FROM rooms JOIN (
      SELECT room FROM roles WHERE user = ?1 AND room > ?2
      UNION SELECT room FROM room_bans WHERE user = ?1 AND room > ?2
    ) named ON named.room = rooms.id ORDER BY rooms.id LIMIT ?3`,
} as const;

// They are long: a login does not wait for lists.
const lists = {
  end: lastSeen('rooms'),
  // Every text is less than a blob. In JSON no text of an owner can look like the setting. Who may not see a room must
  // not have it read: anybody can make thousands of hidden ones, or of deleted ones.
  matching: `SELECT id, ${roomColumns} FROM rooms WHERE key > ?1 AND key <= ifnull(?2, x'') AND instr(key, ?3) > 0
    AND state <> 'deleted' AND (?4 IS NULL OR instr(settings, '"hidden":true') = 0 OR EXISTS
      (SELECT 1 FROM members WHERE user = ?4 AND invited IN (0, 1) AND room = rooms.id))
    ORDER BY key LIMIT ?5`,
} as const;

const commands = {
  find,
  roles,
  bans: bansOfRoom,
  read: `SELECT id, ${roomColumns} FROM rooms WHERE id = ?`,
  create: `INSERT INTO rooms (${roomColumns}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT ${looksTaken('room')}
    AND NOT EXISTS (SELECT 1 FROM users WHERE id = ? AND state = 'deleted') ON CONFLICT DO NOTHING RETURNING id`,
  insertSkeletons,
  setRole: `INSERT OR REPLACE INTO roles (${summed('roles')}) VALUES (?, ?, ?, ?, ?)`,
  lastRole: 'SELECT max(seq) AS seq FROM roles WHERE room = ?',
  removeRole: 'DELETE FROM roles WHERE room = ? AND user = ?',
  endMembership: 'DELETE FROM members WHERE user = ? AND room = ?',
  isDeleted: "SELECT 1 AS found FROM users WHERE id = ? AND state = 'deleted'",
  away: `SELECT user FROM roles WHERE room = ?
    AND coalesce((SELECT state FROM users WHERE users.id = roles.user), '') <> 'active'`,
  change: 'UPDATE rooms SET topic = ?, state = ?, version = ?, settings = ?, crc = ? WHERE id = ?',
} as const;

/** The rooms of a directory. Every method rejects with DamageError where a row that it reads is damaged. */
export class Rooms {
  readonly #statements: Statements<typeof queries, typeof commands>;
  readonly #lists: Prepared<typeof lists>;
  /** The bans from rooms. */
  readonly bans: RoomBans;
  /** Erases the messages of deleted rooms. */
  readonly erasing: Erasing;

  private constructor(
    statements: Statements<typeof queries, typeof commands>,
    prepared: Prepared<typeof lists>,
    bans: RoomBans,
    erasing: Erasing,
  ) {
    this.#statements = statements;
    this.#lists = prepared;
    this.bans = bans;
    this.erasing = erasing;
  }

  static async prepare(connections: ReaderAndWriter): Promise<Rooms> {
    const prepared = await prepareBoth(connections, queries, commands);
    const long = await prepareAll(connections.reader, lists, { isLong: true });
    return new Rooms(prepared, long, await RoomBans.prepare(connections), await Erasing.prepare(connections));
  }

  /** As `Directory.findRoom`. */
  async find(key: string): Promise<RoomRecord | undefined> {
    const [row] = await this.#statements.queries.find.all(key);
    return row && roomOf(row, this.#statements.queries);
  }

  /** As `Directory.openRoom`, for a user who creates the room where it is not there. Within a commit. */
  async open({ name, key, skeletons }: Name, creator: UserId): Promise<RoomRecord | NotOpened> {
    const { find: findRoom, create, insertSkeletons: keep, setRole } = this.#statements.commands;
    const now = Date.now();
    // Most rooms that are asked for here are new: the directory has looked for the room already.
    const [created] = await create.all(
      ...withSum(name, key, '', now, 'open', 1, settingsText(defaultSettings), 0),
      ...skeletons,
      creator,
    );
    if (created === undefined) {
      const [existing] = await findRoom.all(key);
      if (existing === undefined) return 'lookalike';
      const room = await roomOf(existing, this.#statements.commands);
      return room.state === 'deleted' ? this.#remake(room, creator) : room;
    }
    const id = Number(created['id']);
    await keepSkeletons(keep, 'room', skeletons, id);
    await setRole.run(...withSum(id, creator, 'owner', 1));
    const roles = new Map([[creator, 'owner']] as const);
    const made = { id, version: 1, name, key, topic: '', state: 'open', settings: defaultSettings } as const;
    return { ...made, roles, bans: new Map(), erased: 0, created: now };
  }

  /** Makes a deleted room again, for its last owner. */
  async #remake(room: RoomRecord, creator: UserId): Promise<RoomRecord | NotOpened> {
    if (room.roles.get(creator) !== 'owner') return 'deleted';
    if (await this.erasing.isLeft(room.id)) return 'erasing';
    const made = await this.change(room.id, { state: 'open', owner: creator });
    return typeof made === 'string' ? 'missing' : made;
  }

  /** The room with that id. Within a commit. */
  async read(id: RoomId): Promise<RoomRecord | undefined> {
    const [row] = await this.#statements.commands.read.all(id);
    return row && roomOf(row, this.#statements.commands);
  }

  /** As `Directory.listRooms`. */
  async list(match: string, after: string, limit: number, viewer?: UserId): Promise<RoomList> {
    const { end: findEnd, matching } = this.#lists;
    const [end] = await findEnd.all(after);
    const endKey = end === undefined ? undefined : String(end['key']);
    const rooms = (await matching.all(after, endKey ?? null, match, viewer ?? null, limit)).map((row) => {
      const { id, name, key, topic, state, settings } = checked('rooms', row);
      const hidden = parsedSettings(String(settings))?.hidden === true;
      const texts = { name: String(name), key: String(key), topic: String(topic) };
      return { id: Number(id), ...texts, state: state as RoomState, hidden };
    });
    return { rooms, next: rooms.length === limit ? rooms.at(-1)?.key : endKey };
  }

  /** As `Directory.changeRoom`, and answers the room as it is then. Within a commit. */
  async change(id: RoomId, change: RoomChange, version?: Version): Promise<RoomRecord | 'stale' | 'gone' | 'nobody'> {
    const { read, change: update, isDeleted, endMembership, away: findAway } = this.#statements.commands;
    const [row] = await read.all(id);
    if (row === undefined) return 'gone';
    const room = await roomOf(row, this.#statements.commands);
    if (version !== undefined && version !== room.version) return 'stale';
    const receiver = receiverOf(change);
    if (receiver !== undefined && (await isDeleted.all(receiver)).length > 0) return 'nobody';
    const rows = change.deleted === undefined ? [] : await findAway.all(id);
    const away = new Set(rows.map(({ user }) => Number(user)));
    const changed = changedRoom(room, change, Date.now(), away);
    await this.#writeRoles(id, room.roles, changed.roles);
    if (change.removal !== undefined) await endMembership.run(change.removal.user, id);
    await this.bans.write(id, room.bans, changed.bans, change.removal?.ban);
    const { topic, state, version: next } = changed;
    const settings = settingsText(changed.settings);
    const sum = sumOfRow('rooms', { ...row, topic, state, version: next, settings });
    await update.run(topic, state, next, settings, sum, id);
    return changed;
  }

  /** As `Directory.roomsNaming`. */
  async naming(user: UserId, after: RoomId, limit: number): Promise<readonly Pick<RoomRecord, 'id' | 'key'>[]> {
    const rows = await this.#statements.queries.naming.all(user, after, limit);
    return rows.map(({ id, key }) => ({ id: Number(id), key: String(key) }));
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
 * Reads a row as a room. Throws DamageError.
 * @param find the statements for its roles and bans, on the connection that found the row
 */
async function roomOf(row: Row, find: { readonly roles: Statement; readonly bans: Statement }): Promise<RoomRecord> {
  const { name, key, topic, state, created, version, settings, erased } = checked('rooms', row);
  const id = Number(row['id']);
  const roles = (await find.roles.all(id)).map((role) => checked('roles', role));
  return {
    id,
    version: Number(version),
    name: String(name),
    key: String(key),
    topic: String(topic),
    state: state as RoomState,
    settings: parsedSettings(String(settings)) ?? defaultSettings,
    roles: new Map(roles.map(({ user, role }) => [Number(user), role as GivenRole])),
    bans: await bansIn(id, find.bans),
    erased: Number(erased),
    created: Number(created),
  };
}
