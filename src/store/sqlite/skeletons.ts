// Stores the skeletons of names (PROTOCOL.md §5.5) in a table of its own: a name has two skeletons, and older names may
// share one. The table is derived from the names, so an export leaves it out and an import creates it.
import { nameForms } from '../../text/names.js';
import type { Database, Statement, Value } from './database.js';
import { rowsOf, summed, sumOf } from './sums.js';

/** Whose name it is. A user's name may look like a room's. */
export type NameKind = 'user' | 'room';

const nameTables = { user: 'users', room: 'rooms' } as const satisfies Record<NameKind, string>;

/** SQL: whether a name of that kind has one of two skeletons. */
export function looksTaken(kind: NameKind): string {
  return `EXISTS (SELECT 1 FROM skeletons WHERE kind = '${kind}' AND skeleton IN (?, ?))`;
}

/** SQL: inserts skeletons, which stand in a JSON array of rows. */
export const insertSkeletons = `INSERT INTO skeletons (${summed('skeletons')})
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)`;

/** Inserts the skeletons of a new name by the statement `insertSkeletons`, in the transaction that creates the name. */
export function keepSkeletons(
  insert: Statement,
  kind: NameKind,
  skeletons: readonly string[],
  id: number,
): Promise<void> {
  return insert.run(JSON.stringify(rowsFor(kind, skeletons, id)));
}

/** Fills the table again from the names of all users and rooms, including deleted users. Needs an open transaction. */
export async function makeSkeletons(database: Database): Promise<void> {
  await database.exec('DELETE FROM skeletons');
  for (const kind of ['user', 'room'] as const) {
    for await (const rows of rowsOf(database, nameTables[kind])) {
      const named = rows.filter(({ name }) => name !== '');
      const made = named.flatMap(({ id, name }) => rowsFor(kind, nameForms(String(name)).skeletons, Number(id)));
      await database.all(insertSkeletons, JSON.stringify(made));
    }
  }
}

function rowsFor(kind: NameKind, skeletons: readonly string[], id: number): readonly (readonly Value[])[] {
  return [...new Set(skeletons)].map((skeleton) => [kind, skeleton, id, sumOf([kind, skeleton, id])]);
}
