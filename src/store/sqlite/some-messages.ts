// Reads messages that do not follow one another, by their ids: what a search has found.
import type { LogId, Messages, Page } from '../log.js';
import { messagesBetween } from '../messages.js';
import type { Authors } from './authors.js';
import type { Database, Statement } from './database.js';
import { runsInSteps } from './run-steps.js';
import { runColumns } from './runs.js';
import { checked, summed } from './sums.js';

// Each run once, however many of its messages are asked for.
const runs = `SELECT ${runColumns} FROM runs r WHERE room = ?1 AND first IN
    (SELECT (SELECT max(first) FROM runs WHERE room = ?1 AND first <= asked.value) FROM json_each(?2) asked)
  ORDER BY first`;

const edits = `SELECT ${summed('edits')} FROM edits WHERE (room, about, id) IN
  (SELECT ?1, asked.value, (SELECT max(id) FROM edits e WHERE e.room = ?1 AND e.about = asked.value)
    FROM json_each(?2) asked)`;

/** Reads messages by their ids. */
export class SomeMessages {
  readonly #runs: Statement;
  readonly #edits: Statement;
  readonly #authors: Authors;

  private constructor(found: Statement, edited: Statement, authors: Authors) {
    this.#runs = found;
    this.#edits = edited;
    this.#authors = authors;
  }

  static async prepare(reader: Database, authors: Authors): Promise<SomeMessages> {
    const found = await reader.prepare(runs, { isLong: true });
    return new SomeMessages(found, await reader.prepare(edits, { isLong: true }), authors);
  }

  /** As `MessageLog.readEach`. Rejects with DamageError where a message is damaged. */
  async read(log: LogId, ids: readonly number[]): Promise<Page> {
    const json = JSON.stringify(ids);
    const found = await runsInSteps(await this.#runs.all(log, json));
    const authors = await this.#authors.find(found.map(({ columns }) => columns.authors));
    const messages: Messages[] = [];
    let next = 0;
    for (const { first, count, time, bytes, columns } of found) {
      const { kinds, about, begins, ends } = columns;
      const texts = { bytes, begins, ends };
      const run = { log, first, time, authors: columns.authors.map(authors), texts, kinds, about };
      for (let id = ids[next]; id !== undefined && id < first + count; id = ids[(next += 1)]) {
        const piece = messagesBetween(run, id - 1, id);
        if (piece !== undefined) messages.push(piece);
      }
    }
    const edited = new Map<number, number>();
    for (const row of await this.#edits.all(log, json)) {
      const { about, id } = checked('edits', row);
      edited.set(Number(about), Number(id));
    }
    return { messages, edited, more: false };
  }
}
