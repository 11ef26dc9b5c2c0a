// The authors of stored messages. A name never changes, so each is read once and one object serves all messages.
import { damaged } from './damaged.js';
import type { Author, UserId } from '../log.js';
import type { Database, Statement } from './database.js';
import { checked, summed } from './sums.js';

const find = `SELECT id, ${summed('users')} FROM users WHERE id IN (SELECT value FROM json_each(?))`;

/** Authors that are kept; beyond it all are read again. */
const maxAuthors = 100_000;

/** Reads authors by their ids and keeps them. */
export class Authors {
  readonly #find: Statement;
  #known = new Map<UserId, Author>();

  private constructor(statement: Statement) {
    this.#find = statement;
  }

  static async prepare(reader: Database): Promise<Authors> {
    return new Authors(await reader.prepare(find));
  }

  /** The authors of these ids, in their order. Rejects with DamageError where one is not there or damaged. */
  async of(ids: readonly UserId[]): Promise<readonly Author[]> {
    const known = await this.#read(ids);
    return ids.map((id) => {
      const author = known.get(id);
      if (author === undefined) throw damaged(`user ${id}, who wrote a message, is not there`);
      return author;
    });
  }

  /** As `Directory.namesOf`. Rejects with DamageError where a row is damaged. */
  async namesOf(users: Iterable<UserId>): Promise<ReadonlyMap<UserId, string>> {
    const ids = [...users];
    const known = await this.#read(ids);
    return new Map(
      ids.flatMap((id) => {
        const author = known.get(id);
        return author === undefined ? [] : [[id, author.name]];
      }),
    );
  }

  /** Answers a map with these ids, as far as they are there, and perhaps others. */
  async #read(ids: readonly UserId[]): Promise<ReadonlyMap<UserId, Author>> {
    let missing = ids.filter((id) => !this.#known.has(id));
    if (missing.length === 0) return this.#known;
    if (this.#known.size > maxAuthors) {
      this.#known = new Map();
      missing = [...ids];
    }
    const known = this.#known;
    for (const row of await this.#find.all(JSON.stringify([...new Set(missing)]))) {
      const id = Number(row['id']);
      if (!known.has(id)) known.set(id, { id, name: String(checked('users', row)['name']) });
    }
    return known;
  }
}
