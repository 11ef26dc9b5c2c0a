// Who blocks whom, over SQLite.
import type { Blocked, Blocks } from '../blocks.js';
import type { UserId } from '../log.js';
import type { Payer } from '../../turns/payer.js';
import { prepareTable, withSum, type ReaderAndWriter, type Table, type Writes } from './prepared.js';
import { reading } from './reading.js';
import { checked, summed } from './sums.js';

const find = `SELECT ${summed('blocks')} FROM blocks WHERE user = ? AND blocked = ?`;
const others = "FROM blocks b JOIN users u ON u.id = b.blocked WHERE b.user = ?1 AND u.state <> 'deleted'";

const queries = {
  find,
  list: `SELECT ${summed('users', 'u.')} ${others} ORDER BY u.key LIMIT ?2`,
} as const;

const commands = {
  find,
  // A user blocks a few hundred at most, so that they are counted at once.
  count: `SELECT count(*) AS count ${others}`,
  insert: `INSERT INTO blocks (${summed('blocks')}) VALUES (?, ?, ?, ?)`,
  remove: 'DELETE FROM blocks WHERE user = ? AND blocked = ?',
} as const;

/** Blocks in a table of SQLite. The methods are those of `Blocks`. */
export class SqliteBlocks implements Blocks {
  readonly #table: Table<typeof queries, typeof commands>;

  private constructor(table: Table<typeof queries, typeof commands>) {
    this.#table = table;
  }

  /** Prepares the statements. @param commits carries out the changes */
  static async prepare(connections: ReaderAndWriter, commits: Writes): Promise<SqliteBlocks> {
    return new SqliteBlocks(await prepareTable(connections, commits, queries, commands));
  }

  has(user: UserId, other: UserId): Promise<boolean> {
    return reading(async () => {
      const [row] = await this.#table.queries.find.all(user, other);
      return row !== undefined && checked('blocks', row)['user'] === user;
    });
  }

  add(user: UserId, other: UserId, most: number, payer?: Payer): Promise<Blocked> {
    const { find: findBlock, count, insert } = this.#table.commands;
    return this.#table.write(async () => {
      if ((await findBlock.all(user, other)).length > 0) return 'known';
      if (Number((await count.all(user))[0]?.['count']) >= most) return 'full';
      await insert.run(...withSum(user, other, Date.now()));
      return 'changed';
    }, payer);
  }

  remove(user: UserId, other: UserId, payer?: Payer): Promise<Exclude<Blocked, 'full'>> {
    const { find: findBlock, remove } = this.#table.commands;
    return this.#table.write(async () => {
      if ((await findBlock.all(user, other)).length === 0) return 'known';
      await remove.run(user, other);
      return 'changed';
    }, payer);
  }

  list(user: UserId, limit: number): Promise<readonly string[]> {
    return reading(async () =>
      (await this.#table.queries.list.all(user, limit)).map((row) => String(checked('users', row)['name'])),
    );
  }
}
