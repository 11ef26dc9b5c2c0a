// The authors of stored messages. A name never changes, unless its user is erased, so each is read once and one object
// serves all messages.
import { damaged } from './damaged.js';
import type { Author, UserId } from '../log.js';
import type { Database, Statement } from './database.js';
import { checked, summed } from './sums.js';

const find = `SELECT id, ${summed('users')} FROM users WHERE id IN (SELECT value FROM json_each(?))`;

/** The most authors in the cache. Beyond it the cache is emptied. */
const maxAuthors = 100_000;

/** Reads authors by their ids, and caches them. */
export class Authors {
  readonly #find: Statement;
  #known = new Map<UserId, Author>();
  /** How often one was forgotten, so that a read that began before leaves nothing in the cache. */
  #forgotten = 0;

  private constructor(statement: Statement) {
    this.#find = statement;
  }

  static async prepare(reader: Database): Promise<Authors> {
    return new Authors(await reader.prepare(find));
  }

  /**
   * Reads the authors with these ids, which may come in several lists. Answers a function that finds each of them by
   * its id, and throws DamageError where one is not there. Rejects with DamageError where a row is damaged.
   */
  async find(lists: readonly (readonly UserId[])[]): Promise<(id: UserId) => Author> {
    const known = await this.#read(lists);
    return (id) => {
      const author = known.get(id);
      if (author === undefined) throw damaged(`user ${id}, who wrote a message, is not there`);
      return author;
    };
  }

  /** As `Directory.namesOf`. Rejects with DamageError where a row is damaged. */
  async namesOf(users: Iterable<UserId>): Promise<ReadonlyMap<UserId, string>> {
    const ids = [...users];
    const known = await this.#read([ids]);
    return new Map(
      ids.flatMap((id) => {
        const author = known.get(id);
        return author === undefined ? [] : [[id, author.name]];
      }),
    );
  }

  /** Reads the user again when it is asked for: its name was erased. */
  forget(user: UserId): void {
    this.#known.delete(user);
    this.#forgotten += 1;
  }

  /** Answers a map with these ids, as far as they are there, and perhaps others. */
  async #read(lists: readonly (readonly UserId[])[]): Promise<ReadonlyMap<UserId, Author>> {
    if (this.#known.size > maxAuthors) this.#known = new Map();
    const known = this.#known;
    const missing = new Set<UserId>();
    for (const ids of lists) for (const id of ids) if (!known.has(id)) missing.add(id);
    if (missing.size === 0) return known;
    const forgotten = this.#forgotten;
    const rows = await this.#find.all(JSON.stringify([...missing]));
    if (forgotten !== this.#forgotten) return this.#read(lists);
    for (const row of rows) {
      const id = Number(row['id']);
      if (!known.has(id)) known.set(id, { id, name: String(checked('users', row)['name']) });
    }
    return known;
  }
}
