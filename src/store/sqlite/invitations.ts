// Invitations to register in the database: changes are jobs of the next commit, and reads go to the connection that
// reads.
import type { NewUser } from '../directory.js';
import {
  isWorth,
  type Invitation,
  type InvitationStore,
  type NewInvitation,
  type Registration,
} from '../invitations.js';
import type { Payer } from '../../turns/payer.js';
import type { Row } from './database.js';
import { prepareBoth, withSum, type ReaderAndWriter, type Statements, type Writes } from './prepared.js';
import { reading } from './reading.js';
import { checked, summed } from './sums.js';
import type { Users } from './users.js';

const columns = summed('invitations');
const find = `SELECT ${columns} FROM invitations WHERE hash = ?`;

const queries = {
  find,
  list: `SELECT ${columns} FROM invitations WHERE id > ? ORDER BY id LIMIT ?`,
} as const;

const commands = {
  find,
  write: `INSERT OR REPLACE INTO invitations (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  remove: 'DELETE FROM invitations WHERE id = ? RETURNING id',
} as const;

/** Invitations in a table of SQLite. The methods are those of `InvitationStore`. */
export class SqliteInvitations implements InvitationStore {
  readonly #statements: Statements<typeof queries, typeof commands>;
  readonly #users: Pick<Users, 'create'>;
  readonly #commits: Writes;

  private constructor(
    statements: Statements<typeof queries, typeof commands>,
    users: Pick<Users, 'create'>,
    commits: Writes,
  ) {
    this.#statements = statements;
    this.#users = users;
    this.#commits = commits;
  }

  /**
   * @param users creates the users who were invited
   * @param commits carries out the changes
   */
  static async prepare(
    connections: ReaderAndWriter,
    users: Pick<Users, 'create'>,
    commits: Writes,
  ): Promise<SqliteInvitations> {
    return new SqliteInvitations(await prepareBoth(connections, queries, commands), users, commits);
  }

  add(invitation: NewInvitation): Promise<void> {
    return this.#commits.write(() => this.#write({ ...invitation, used: 0 }, invitation.hash));
  }

  remove(id: string): Promise<boolean> {
    return this.#commits.write(async () => (await this.#statements.commands.remove.all(id)).length > 0);
  }

  list(after: string, limit: number): Promise<readonly Invitation[]> {
    return reading(async () => (await this.#statements.queries.list.all(after, limit)).map(invitationOf));
  }

  find(hash: Uint8Array): Promise<Invitation | undefined> {
    return reading(async () => (await this.#statements.queries.find.all(hash)).map(invitationOf)[0]);
  }

  register(user: NewUser, hash: Uint8Array, payer?: Payer): Promise<Registration> {
    return this.#commits.write(async () => {
      const [found] = (await this.#statements.commands.find.all(hash)).map(invitationOf);
      if (found === undefined || !isWorth(found, Date.now())) return 'uninvited';
      const id = await this.#users.create(user);
      if (id === undefined) return 'taken';
      await this.#write({ ...found, used: found.used + 1 }, hash);
      return id;
    }, payer);
  }

  /** Writes a row. Within a commit. */
  #write({ id, uses, used, created, until = 0 }: Invitation, hash: Uint8Array): Promise<void> {
    return this.#statements.commands.write.run(...withSum(id, hash, uses, used, created, until));
  }
}

/** Reads a row as an invitation. Throws DamageError. */
function invitationOf(row: Row): Invitation {
  const { id, uses, used, created, until } = checked('invitations', row);
  return {
    id: String(id),
    uses: Number(uses),
    used: Number(used),
    created: Number(created),
    // 0 stands for an invitation that does not end by itself.
    until: Number(until) || undefined,
  };
}
