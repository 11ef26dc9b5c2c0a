// When users were seen last, in the database: one statement stores many times.
import type { GroupCommit } from '../group-commit.js';
import type { LastSeen } from '../last-seen.js';
import type { NewMessage, UserId } from '../log.js';
import type { Payer } from '../../turns/payer.js';
import { prepareBoth, type ReaderAndWriter, type Statements } from './prepared.js';
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
  readonly #statements: Statements<typeof queries, typeof commands>;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;

  private constructor(
    statements: Statements<typeof queries, typeof commands>,
    commits: Pick<GroupCommit<NewMessage>, 'write'>,
  ) {
    this.#statements = statements;
    this.#commits = commits;
  }

  static async prepare(
    connections: ReaderAndWriter,
    commits: Pick<GroupCommit<NewMessage>, 'write'>,
  ): Promise<SqliteLastSeen> {
    return new SqliteLastSeen(await prepareBoth(connections, queries, commands), commits);
  }

  mark(times: ReadonlyMap<UserId, number>, payer?: Payer): Promise<void> {
    const rows = JSON.stringify([...times].map(([user, time]) => [user, time, sumOf([user, time])]));
    return this.#commits.write(() => this.#statements.commands.mark.run(rows), payer);
  }

  of(user: UserId): Promise<number | undefined> {
    return reading(async () => {
      const [row] = await this.#statements.queries.find.all(user);
      return row && Number(checked('seen', row)['time']);
    });
  }
}
