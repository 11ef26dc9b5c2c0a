// Rooms and roles in the database. What writes is called within a commit; what reads may be called at any time.
import type { RoomDetails, RoomId, RoomLog, RoomRow, RoomState, UserId } from '../store.js';
import type { Name } from '../../text/names.js';
import type { Database } from './database.js';
import { prepareAll, withSum, type Prepared } from './prepared.js';
import { runColumns, runOf } from './runs.js';
import { insertSkeleton, keepSkeletons, looksTaken } from './skeletons.js';
import { checked, summed, summedValues, sumOf } from './sums.js';

const roomColumns = summed('rooms');
const find = `SELECT id, ${roomColumns} FROM rooms WHERE key = ?`;

const existing = {
  find,
  newestRun: `SELECT ${runColumns} FROM runs r WHERE room = ? ORDER BY first DESC LIMIT 1`,
  roles: `SELECT ${summed('roles')} FROM roles WHERE room = ?`,
} as const;

const queries = {
  ...existing,
  list: `SELECT ${roomColumns} FROM rooms WHERE key > ? AND instr(key, ?) > 0 ORDER BY key LIMIT ?`,
  owners: `SELECT ${summed('users', 'u.')} FROM roles r JOIN users u ON u.id = r.user WHERE r.room = ? AND r.role = 'owner'`,
} as const;

const commands = {
  ...existing,
  read: `SELECT ${roomColumns} FROM rooms WHERE id = ?`,
  create: `INSERT INTO rooms (${roomColumns}) SELECT ?, ?, ?, ?, ?, ? WHERE NOT ${looksTaken('room')}
    ON CONFLICT DO NOTHING RETURNING id`,
  insertSkeleton,
  setRole: `INSERT INTO roles (${summed('roles')}) VALUES (?, ?, ?, ?)`,
  removeOwners: "DELETE FROM roles WHERE room = ? AND (role = 'owner' OR user = ?)",
  setState: 'UPDATE rooms SET state = ?, crc = ? WHERE id = ?',
} as const;

export class Rooms {
  readonly #queries: Prepared<typeof queries>;
  readonly #commands: Prepared<typeof commands>;

  private constructor(prepared: Prepared<typeof queries>, writing: Prepared<typeof commands>) {
    this.#queries = prepared;
    this.#commands = writing;
  }

  static async prepare(reader: Database, writer: Database): Promise<Rooms> {
    return new Rooms(await prepareAll(reader, queries), await prepareAll(writer, commands));
  }

  /** The log of a room that is there. Reads what is committed. Rejects with DamageError. */
  openExisting(key: string): Promise<RoomLog | undefined> {
    return logOf(this.#queries, key);
  }

  /** As the store's `openRoom`, for somebody who would make it. */
  async open({ name, key, skeletons }: Name, creator: UserId): Promise<RoomLog | 'lookalike'> {
    const found = await logOf(this.#commands, key);
    if (found !== undefined) return found;
    const [made] = await this.#commands.create.all(...withSum(name, key, '', Date.now(), 'open'), ...skeletons);
    if (made === undefined) return 'lookalike';
    const id = Number(made['id']);
    await keepSkeletons(this.#commands.insertSkeleton, 'room', skeletons, id);
    await this.#commands.setRole.run(...withSum(id, creator, 'owner'));
    return { id, name, key, topic: '', owners: new Set([creator]), state: 'open', head: 0, assigned: 0 };
  }

  /** The number and the name of the room of that key. */
  async named(key: string): Promise<{ readonly id: RoomId; readonly name: string } | undefined> {
    const [row] = await this.#queries.find.all(key);
    return row && { id: Number(row['id']), name: String(checked('rooms', row)['name']) };
  }

  async find(key: string): Promise<RoomDetails | undefined> {
    const [row] = await this.#queries.find.all(key);
    if (row === undefined) return undefined;
    const { name, topic, state, created } = checked('rooms', row);
    const id = Number(row['id']);
    const owners = (await this.#queries.owners.all(id)).map((owner) => String(checked('users', owner)['name']));
    return {
      id,
      name: String(name),
      key,
      topic: String(topic),
      state: state as RoomState,
      owners,
      created: Number(created),
    };
  }

  async list(match: string, after: string, limit: number): Promise<readonly RoomRow[]> {
    return (await this.#queries.list.all(after, match, limit)).map((row) => {
      const { name, key, topic, state } = checked('rooms', row);
      return { name: String(name), key: String(key), topic: String(topic), state: state as RoomState };
    });
  }

  async setState(id: RoomId, state: RoomState): Promise<void> {
    const [row] = await this.#commands.read.all(id);
    if (row === undefined) return;
    const changed = { ...checked('rooms', row), state };
    await this.#commands.setState.run(state, sumOf(summedValues('rooms', changed)), id);
  }

  async setOwner(id: RoomId, user: UserId): Promise<void> {
    await this.#commands.removeOwners.run(id, user);
    await this.#commands.setRole.run(...withSum(id, user, 'owner'));
  }
}

async function logOf(
  { find: findRoom, roles, newestRun }: Prepared<typeof existing>,
  key: string,
): Promise<RoomLog | undefined> {
  const [found] = await findRoom.all(key);
  if (found === undefined) return undefined;
  const { name, topic, state } = checked('rooms', found);
  const id = Number(found['id']);
  const held = (await roles.all(id)).map((row) => checked('roles', row));
  const [newest] = (await newestRun.all(id)).map(runOf);
  const head = newest === undefined ? 0 : newest.first + newest.messages.length - 1;
  return {
    id,
    name: String(name),
    key,
    topic: String(topic),
    state: state as RoomState,
    owners: new Set(held.filter(({ role }) => role === 'owner').map(({ user }) => Number(user))),
    head,
    assigned: head,
  };
}
