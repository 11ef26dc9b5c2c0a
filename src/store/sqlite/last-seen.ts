// When users were seen last, in the database: one statement stores many times.
import type { LastSeen } from '../last-seen.js';
import type { UserId } from '../log.js';
import type { Payer } from '../../turns/payer.js';
import { prepareTable, type ReaderAndWriter, type Table, type Writes } from './prepared.js';
import { reading } from './reading.js';
import { checked, summed, sumOf } from './sums.js';

const queries = { find: `SELECT ${summed('seen')} FROM seen WHERE user = ?` } as const;

const commands = {
  mark: `INSERT OR REPLACE INTO seen (${summed('seen')})
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)
    WHERE EXISTS (SELECT 1 FROM users WHERE id = value ->> 0 AND state <> 'deleted')`,
} as const;

/** The times of the table `seen`. The methods are those of `LastSeen`. */
export class SqliteLastSeen implements LastSeen {
  readonly #table: Table<typeof queries, typeof commands>;

  private constructor(table: Table<typeof queries, typeof commands>) {
    this.#table = table;
  }

  /** Prepares the statements. @param commits carries out the changes */
  static async prepare(connections: ReaderAndWriter, commits: Writes): Promise<SqliteLastSeen> {
    return new SqliteLastSeen(await prepareTable(connections, commits, queries, commands));
  }

  mark(times: ReadonlyMap<UserId, number>, payer?: Payer): Promise<void> {
    const rows = JSON.stringify([...times].map(([user, time]) => [user, time, sumOf([user, time])]));
    return this.#table.write(() => this.#table.commands.mark.run(rows), payer);
  }

  of(user: UserId): Promise<number | undefined> {
    return reading(async () => {
      const [row] = await this.#table.queries.find.all(user);
      return row && Number(checked('seen', row)['time']);
    });
  }
}
