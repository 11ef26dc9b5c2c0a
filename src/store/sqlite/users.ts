// Users in the database. Writes run within a commit; reads run at any time.
import type {
  Changed,
  ListedUser,
  NewUser,
  UserChange,
  UserId,
  UserList,
  UserRecord,
  UserState,
  Version,
} from '../directory.js';
import { deletedUser, erasedKey } from '../deleted-user.js';
import { GatheredReads } from '../gathered-reads.js';
import { nameForms, type Name } from '../../text/names.js';
import type { Row } from './database.js';
import { ErasedNames, wasErased } from './erased-names.js';
import {
  lastSeen,
  prepareAll,
  prepareBoth,
  withSum,
  type Prepared,
  type ReaderAndWriter,
  type Statements,
} from './prepared.js';
import { readEach } from './reading.js';
import { insertSkeletons, keepSkeletons, looksTaken } from './skeletons.js';
import { checked, summed, sumOfRow } from './sums.js';
import { UserParts } from './user-parts.js';

const userColumns = summed('users');

/** SQL: the smallest head of a stored password that is greater than `after`. Deleted users have empty passwords. */
function nextHead(after: string): string {
  return `SELECT substr(password, 1, 16) FROM users WHERE substr(password, 1, 16) > ${after} ORDER BY 1 LIMIT 1`;
}

const queries = {
  // One read for all logins that wait.
  find: `SELECT asked.key AS place, users.id, ${summed('users', 'users.')} FROM json_each(?) asked
    CROSS JOIN users ON users.key = asked.value`,
  isTaken: `SELECT EXISTS (SELECT 1 FROM users WHERE key = ?) OR ${looksTaken('user')} OR ${wasErased} AS taken`,
  // Jumps from one head to the next by the index: there are few, however many users there are.
  passwordHeads: `WITH RECURSIVE heads (head) AS (
      SELECT (${nextHead("x''")})
      UNION ALL SELECT (${nextHead('heads.head')}) FROM heads WHERE head IS NOT NULL LIMIT 17
    ) SELECT head FROM heads WHERE head IS NOT NULL LIMIT 16`,
} as const;

// They are long: a login does not wait for lists.
const lists = {
  end: lastSeen('users'),
  // Deleted users stay, so there may be any number of them between two others. Every text is less than a blob.
  present: `SELECT id, ${userColumns} FROM users WHERE key > ? AND key <= ifnull(?, x'') AND state <> 'deleted'
    ORDER BY key LIMIT ?`,
} as const;

const commands = {
  create: `INSERT INTO users (${userColumns}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
    WHERE NOT ${looksTaken('user')} AND NOT ${wasErased}
    ON CONFLICT DO NOTHING RETURNING id`,
  insertSkeletons,
  read: `SELECT id, ${userColumns} FROM users WHERE id = ?`,
  change: `UPDATE users SET first_name = ?, last_name = ?, password = ?, state = ?, version = ?, status = ?, crc = ?
    WHERE id = ?`,
  rename: 'UPDATE users SET name = ?, key = ?, crc = ? WHERE id = ?',
  forgetSkeletons: "DELETE FROM skeletons WHERE kind = 'user' AND id = ?",
  // The feed keeps what was removed by its place, which is the name.
  liftBan: "DELETE FROM bans WHERE kind = 'user' AND target = ?",
  forgetBan: "DELETE FROM changes WHERE tab = 'bans' AND place = json_array('user', ?)",
  beginErasure: `INSERT INTO erasures (${summed('erasures')}) VALUES (?, ?)`,
} as const;

/** The users of a directory. Every method rejects with DamageError where a row that it reads is damaged. */
export class Users {
  readonly #statements: Statements<typeof queries, typeof commands>;
  readonly #lists: Prepared<typeof lists>;

  readonly #erased: ErasedNames;
  readonly #parts: UserParts;
  readonly #found: GatheredReads<string, UserRecord>;
  readonly #heads: GatheredReads<undefined, readonly Uint8Array[]>;

  private constructor(
    statements: Statements<typeof queries, typeof commands>,
    prepared: Prepared<typeof lists>,
    erased: ErasedNames,
    parts: UserParts,
  ) {
    this.#statements = statements;
    this.#lists = prepared;
    this.#erased = erased;
    this.#parts = parts;
    const { find, passwordHeads } = statements.queries;
    this.#found = new GatheredReads((asked) =>
      readEach(asked, async (some) => {
        const rows = await find.all(JSON.stringify(some));
        return new Map(rows.map((row) => [Number(row['place']), userOf(row)]));
      }),
    );
    this.#heads = new GatheredReads(async (asked) => {
      const heads: readonly Uint8Array[] = (await passwordHeads.all()).map(({ head }) => head as Uint8Array);
      return new Map(asked.map((_, place) => [place, heads]));
    });
  }

  static async prepare(connections: ReaderAndWriter): Promise<Users> {
    const statements = await prepareBoth(connections, queries, commands);
    const prepared = await prepareAll(connections.reader, lists, { isLong: true });
    const erased = await ErasedNames.prepare(connections);
    return new Users(statements, prepared, erased, await UserParts.prepare(connections.writer));
  }

  /** As `Directory.createUser`. Within a commit. */
  async create({ name, key, skeletons, firstName, lastName, password }: NewUser): Promise<UserId | undefined> {
    const { create, insertSkeletons: keep } = this.#statements.commands;
    const row = withSum(name, key, firstName, lastName, password, Date.now(), 'active', 1, '');
    const [created] = await create.all(...row, ...skeletons, this.#erased.hashesOf({ key, skeletons }));
    if (created === undefined) return undefined;
    const id = Number(created['id']);
    await keepSkeletons(keep, 'user', skeletons, id);
    return id;
  }

  /** As `Directory.findUser`. With the others that are looked for at the same time. */
  find(key: string): Promise<UserRecord | undefined> {
    return this.#found.find(key);
  }

  /** As `Directory.isTaken`. */
  async isTaken({ key, skeletons }: Name): Promise<boolean> {
    return (
      (await this.#statements.queries.isTaken.all(key, ...skeletons, this.#erased.hashesOf({ key, skeletons })))[0]?.[
        'taken'
      ] === 1
    );
  }

  /** As `Directory.passwordHeads`. */
  async passwordHeads(): Promise<readonly Uint8Array[]> {
    return (await this.#heads.find(undefined)) ?? [];
  }

  /** As `Directory.changeUser`. Within a commit. */
  async change(id: UserId, change: UserChange, version?: Version): Promise<Changed> {
    const [row] = await this.#statements.commands.read.all(id);
    const user = row && userOf(row);
    if (user === undefined || user.state === 'deleted') return 'gone';
    if (version !== undefined && version !== user.version) return 'stale';
    const changed = { ...user, ...change, version: user.version + 1 };
    const { firstName, lastName, password, state, version: next, status } = changed;
    const columns = { ...row, first_name: firstName, last_name: lastName, password, state, version: next, status };
    const sum = sumOfRow('users', columns);
    await this.#statements.commands.change.run(firstName, lastName, password, state, next, status, sum, id);
    return 'changed';
  }

  /**
   * As `Directory.deleteUser`, within a commit.
   * @param lifted is told the key of an erased user, whose ban is lifted: it stands under the name
   */
  async delete(id: UserId, erases: boolean, version?: Version, lifted?: (key: string) => void): Promise<Changed> {
    const { read, rename, forgetSkeletons, beginErasure, liftBan, forgetBan } = this.#statements.commands;
    const [row] = await read.all(id);
    const changed = await this.change(id, deletedUser, version);
    if (row === undefined || changed !== 'changed') return changed;
    await this.#parts.remove(id);
    if (!erases) return changed;
    const forms = nameForms(String(row['name']));
    // The stored key: the tables of another version of Unicode may have made it.
    await this.#erased.add({ key: String(row['key']), skeletons: forms.skeletons }, Number(row['created']));
    await forgetSkeletons.run(id);
    await liftBan.run(String(row['key']));
    await forgetBan.run(String(row['key']));
    lifted?.(String(row['key']));
    const [now = {}] = await read.all(id);
    const erased = { name: '', key: erasedKey(id) };
    await rename.run(erased.name, erased.key, sumOfRow('users', { ...now, ...erased }), id);
    await beginErasure.run(...withSum(id));
    return changed;
  }

  /** As `Directory.listUsers`. */
  async list(after: string, limit: number): Promise<UserList> {
    const [end] = await this.#lists.end.all(after);
    const endKey = end === undefined ? undefined : String(end['key']);
    const users = (await this.#lists.present.all(after, endKey ?? null, limit)).map((row) => {
      const { password: _, ...user } = userOf(row);
      return user as ListedUser;
    });
    return { users, next: users.length === limit ? users.at(-1)?.key : endKey };
  }
}

/** Reads a row as a user. Throws DamageError. */
export function userOf(row: Row): UserRecord {
  const whole = checked('users', row);
  const { name, key, first_name: first, last_name: last, password, state, created, version, status } = whole;
  return {
    id: Number(row['id']),
    version: Number(version),
    name: String(name),
    key: String(key),
    firstName: String(first),
    lastName: String(last),
    password: password as Uint8Array,
    state: state as UserState,
    status: String(status),
    created: Number(created),
  };
}
