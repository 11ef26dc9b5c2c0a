// The times of the newest messages of private conversations, by which lists are ordered. Each commit to a conversation
// writes one, with the checksum of its row. What else is in the row never changes, so it is read once.
import { isConversation } from '../conversations.js';
import type { LogId, Messages } from '../log.js';
import type { Database, Row, Statement } from './database.js';
import { isWhole, sumOf, summed } from './sums.js';

/** What never changes in a conversation's row, in the order of its columns. */
type Fixed = readonly [id: number, one: number, other: number, created: number];

/** The most rows in the cache, of some 100 bytes each. Beyond it the cache is emptied. */
const maxKnown = 100_000;

const find = `SELECT ${summed('conversations')} FROM conversations WHERE id IN (SELECT value FROM json_each(?))`;
const move = `UPDATE conversations SET newest = made.value ->> 1, crc = made.value ->> 2 FROM json_each(?) made
  WHERE conversations.id = made.value ->> 0`;

/** Writes the times of the newest messages. */
export class NewestTimes {
  readonly #find: Statement;
  readonly #move: Statement;
  readonly #known = new Map<LogId, Fixed>();

  private constructor(findRows: Statement, moveRows: Statement) {
    this.#find = findRows;
    this.#move = moveRows;
  }

  /** @param writer the connection on which commits run */
  static async prepare(writer: Database): Promise<NewestTimes> {
    return new NewestTimes(await writer.prepare(find), await writer.prepare(move));
  }

  /** Remembers what never changes in a row, which was checked. */
  learn(row: Row): void {
    const fixed = fixedOf(row);
    if (this.#known.has(fixed[0])) return;
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(fixed[0], fixed);
  }

  /**
   * Writes the times of conversations among what a commit stores, within its transaction. The row of a conversation
   * that is damaged stays as it is, so that it is found, and the commit goes on.
   */
  async move(stored: readonly Messages[]): Promise<void> {
    const moved = stored.filter(({ log }) => isConversation(log));
    const unknown = moved.filter(({ log }) => !this.#known.has(log)).map(({ log }) => log);
    const found = unknown.length === 0 ? [] : await this.#find.all(JSON.stringify(unknown));
    const read = new Map(found.filter((row) => isWhole('conversations', row)).map((row) => [row['id'], fixedOf(row)]));
    const rows: (readonly [LogId, number, number])[] = [];
    for (const { log, time } of moved) {
      const fixed = this.#known.get(log) ?? read.get(log);
      if (fixed !== undefined) rows.push([log, time, sumOf([...fixed, time])]);
    }
    for (const row of found) if (isWhole('conversations', row)) this.learn(row);
    await this.#move.run(JSON.stringify(rows));
  }
}

function fixedOf({ id, one, other, created }: Row): Fixed {
  return [Number(id), Number(one), Number(other), Number(created)];
}
