// Reads the messages of a database without a store.
import { Database } from '../../src/store/sqlite/database.js';
import { runColumns, runOf } from '../../src/store/sqlite/runs.js';

/** A message as it is stored. */
export interface StoredMessage {
  readonly room: string;
  readonly id: number;
  readonly username: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly key: string | undefined;
}

/** Reads all messages of a database, ordered by room and id. Rejects with DamageError if one is damaged. */
export async function storedMessages(path: string): Promise<readonly StoredMessage[]> {
  const database = await Database.open(path);
  try {
    const names = new Map((await database.all('SELECT id, name FROM users')).map(({ id, name }) => [id, String(name)]));
    const keys = new Map(
      (await database.all('SELECT room, id, key FROM keys')).map(({ room, id, key }) => [
        `${String(room)} ${String(id)}`,
        String(key),
      ]),
    );
    const rows = await database.all(
      `SELECT ${runColumns}, m.name FROM runs r JOIN rooms m ON m.id = r.room ORDER BY room, first`,
    );
    return rows.flatMap((row) => {
      const { room, first, time, bytes, columns } = runOf(row);
      return columns.authors.map((author, at) => ({
        room: String(row['name']),
        id: first + at,
        username: names.get(author) ?? '',
        text: JSON.parse(`"${bytes.toString('utf8', columns.begins[at], columns.ends[at])}"`) as string,
        time,
        key: keys.get(`${room} ${first + at}`),
      }));
    });
  } finally {
    await database.close();
  }
}
