// Users and bans in the database. What writes is called within a commit; what reads may be called at any time.
import type { Ban, NewUser, User, UserChange, UserId, UserRow, UserState } from '../store.js';
import type { Name } from '../../text/names.js';
import type { Database, Row } from './database.js';
import { prepareAll, withSum, type Prepared } from './prepared.js';
import { insertSkeleton, keepSkeletons, looksTaken } from './skeletons.js';
import { checked, summed, summedValues, sumOf } from './sums.js';

const userColumns = summed('users');

/** SQL: the first beginning of a stored password after another. Deleted users have empty ones. */
function nextHead(after: string): string {
  return `SELECT substr(password, 1, 16) FROM users WHERE substr(password, 1, 16) > ${after} ORDER BY 1 LIMIT 1`;
}

const queries = {
  find: `SELECT id, ${userColumns} FROM users WHERE key = ?`,
  isTaken: `SELECT EXISTS (SELECT 1 FROM users WHERE key = ?) OR ${looksTaken('user')} AS taken`,
  // From one to the next by the index: there are few, however many users there are.
  passwordHeads: `WITH RECURSIVE heads (head) AS (
      SELECT (${nextHead("x''")})
      UNION ALL SELECT (${nextHead('heads.head')}) FROM heads WHERE head IS NOT NULL LIMIT 17
    ) SELECT head FROM heads WHERE head IS NOT NULL LIMIT 16`,
  list: `SELECT ${userColumns} FROM users WHERE key > ? ORDER BY key LIMIT ?`,
  listBans: `SELECT ${summed('bans')} FROM bans ORDER BY created`,
} as const;

const commands = {
  create: `INSERT INTO users (${userColumns}) SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT ${looksTaken('user')}
    ON CONFLICT DO NOTHING RETURNING id`,
  insertSkeleton,
  read: `SELECT ${userColumns} FROM users WHERE id = ?`,
  change: 'UPDATE users SET first_name = ?, last_name = ?, password = ?, state = ?, crc = ? WHERE id = ?',
  setBan: `INSERT OR REPLACE INTO bans (${summed('bans')}) VALUES (?, ?, ?, ?, ?, ?)`,
  removeBan: 'DELETE FROM bans WHERE kind = ? AND target = ?',
} as const;

export class Users {
  readonly #queries: Prepared<typeof queries>;
  readonly #commands: Prepared<typeof commands>;

  private constructor(prepared: Prepared<typeof queries>, writing: Prepared<typeof commands>) {
    this.#queries = prepared;
    this.#commands = writing;
  }

  static async prepare(reader: Database, writer: Database): Promise<Users> {
    return new Users(await prepareAll(reader, queries), await prepareAll(writer, commands));
  }

  /** Undefined where the name is taken or looks like a taken one. */
  async create({ name, key, skeletons, firstName, lastName, password }: NewUser): Promise<UserId | undefined> {
    const row = withSum(name, key, firstName, lastName, password, Date.now(), 'active');
    const [made] = await this.#commands.create.all(...row, ...skeletons);
    if (made === undefined) return undefined;
    const id = Number(made['id']);
    await keepSkeletons(this.#commands.insertSkeleton, 'user', skeletons, id);
    return id;
  }

  async find(key: string): Promise<User | undefined> {
    const [row] = await this.#queries.find.all(key);
    if (row === undefined) return undefined;
    return { id: Number(row['id']), ...userOf(checked('users', row)) };
  }

  async isTaken({ key, skeletons }: Name): Promise<boolean> {
    return (await this.#queries.isTaken.all(key, ...skeletons))[0]?.['taken'] === 1;
  }

  async passwordHeads(): Promise<readonly Uint8Array[]> {
    return (await this.#queries.passwordHeads.all()).map(({ head }) => head as Uint8Array);
  }

  async change(user: UserId, change: UserChange, from?: Uint8Array): Promise<boolean> {
    const [row] = await this.#commands.read.all(user);
    if (row === undefined) return false;
    const whole = checked('users', row);
    if (whole['state'] === 'deleted') return false;
    if (from !== undefined && Buffer.compare(whole['password'] as Uint8Array, from) !== 0) return false;
    const { firstName, lastName, password, state } = { ...userOf(whole), ...change };
    const changed = { ...whole, first_name: firstName, last_name: lastName, password, state };
    await this.#commands.change.run(firstName, lastName, password, state, sumOf(summedValues('users', changed)), user);
    return true;
  }

  async list(after: string, limit: number): Promise<readonly UserRow[]> {
    return (await this.#queries.list.all(after, limit)).map((row) => {
      const { name, key, firstName, lastName, state } = userOf(checked('users', row));
      return { name, key, firstName, lastName, state, created: Number(row['created']) };
    });
  }

  async bans(): Promise<readonly Ban[]> {
    return (await this.#queries.listBans.all()).map((row) => {
      const { kind, target, reason, created, until } = checked('bans', row);
      return {
        kind: kind as Ban['kind'],
        target: String(target),
        reason: String(reason),
        created: Number(created),
        until: Number(until) || undefined,
      };
    });
  }

  setBan({ kind, target, reason, created, until = 0 }: Ban): Promise<void> {
    return this.#commands.setBan.run(...withSum(kind, target, reason, created, until));
  }

  removeBan({ kind, target }: Pick<Ban, 'kind' | 'target'>): Promise<void> {
    return this.#commands.removeBan.run(kind, target);
  }
}

function userOf({ name, key, first_name: firstName, last_name: lastName, password, state }: Row): Omit<User, 'id'> {
  return {
    name: String(name),
    key: String(key),
    firstName: String(firstName),
    lastName: String(lastName),
    password: password as Uint8Array,
    state: state as UserState,
  };
}
