// A part of step 7. What users say of themselves, when they were seen last, and what is left of those who were erased.
import type { MigrationPart } from './part.js';

/**
 * What users say of themselves, and when they were seen last. `erased_names` has hashes of names that are never given
 * again (erased-names.ts), by the key `erased_names` of `secrets`; `erasures` has those whose texts are being erased.
 * `free_pages` says whether free pages may have older data, and `zeros` is filled to overwrite them (free-pages.ts).
 */
export const accounts = {
  sql: `ALTER TABLE users ADD COLUMN status TEXT NOT NULL DEFAULT '';
   CREATE TABLE seen (user INTEGER PRIMARY KEY, time INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
   CREATE TABLE secrets (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE erased_names (hash TEXT NOT NULL PRIMARY KEY, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE erasures (user INTEGER PRIMARY KEY, crc INTEGER NOT NULL) STRICT;
   CREATE TABLE free_pages (are_old INTEGER NOT NULL) STRICT;
   INSERT INTO free_pages SELECT EXISTS (SELECT 1 FROM users);
   CREATE TABLE zeros (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;`,
  tables: {
    seen: { place: ['user'], columns: { user: 'id', time: 'time' } },
    secrets: { place: ['name'], columns: { name: 'name', value: 'name' } },
    erased_names: { place: ['hash'], columns: { hash: 'name' } },
    erasures: { place: ['user'], columns: { user: 'id' } },
  },
  exported: ['seen', 'secrets', 'erased_names', 'erasures'],
} as const satisfies MigrationPart;
