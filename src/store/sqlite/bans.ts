// Bans in the database. Writes run within a commit; reads run at any time.
import type { Ban, BanTarget } from '../directory.js';
import { prepareBoth, withSum, type ReaderAndWriter, type Statements } from './prepared.js';
import { checked, summed } from './sums.js';

const queries = { list: `SELECT ${summed('bans')} FROM bans ORDER BY created` } as const;

const commands = {
  set: `INSERT OR REPLACE INTO bans (${summed('bans')}) VALUES (?, ?, ?, ?, ?, ?)`,
  remove: 'DELETE FROM bans WHERE kind = ? AND target = ? RETURNING kind',
} as const;

/** The bans of a directory. */
export class Bans {
  readonly #statements: Statements<typeof queries, typeof commands>;

  private constructor(statements: Statements<typeof queries, typeof commands>) {
    this.#statements = statements;
  }

  static async prepare(connections: ReaderAndWriter): Promise<Bans> {
    return new Bans(await prepareBoth(connections, queries, commands));
  }

  /** As `Directory.listBans`. Rejects with DamageError where a row is damaged. */
  async list(): Promise<readonly Ban[]> {
    return (await this.#statements.queries.list.all()).map((row) => {
      const { kind, target, reason, created, until } = checked('bans', row);
      return {
        kind: kind as Ban['kind'],
        target: String(target),
        reason: String(reason),
        created: Number(created),
        // 0 stands for a ban that does not end by itself.
        until: Number(until) || undefined,
      };
    });
  }

  /** As `Directory.setBan`. Within a commit. */
  set({ kind, target, reason, created, until = 0 }: Ban): Promise<void> {
    return this.#statements.commands.set.run(...withSum(kind, target, reason, created, until));
  }

  /** As `Directory.removeBan`, and answers whether there was such a ban. Within a commit. */
  async remove({ kind, target }: BanTarget): Promise<boolean> {
    return (await this.#statements.commands.remove.all(kind, target)).length > 0;
  }
}
