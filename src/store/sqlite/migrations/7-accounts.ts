// A part of step 7. What users say of themselves, and when they were seen last.
import type { MigrationPart } from './part.js';

/** What users say of themselves, and when they were seen last. */
export const accounts = {
  sql: `ALTER TABLE users ADD COLUMN status TEXT NOT NULL DEFAULT '';
   CREATE TABLE seen (user INTEGER PRIMARY KEY, time INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;`,
  tables: { seen: { place: ['user'], columns: { user: 'id', time: 'time' } } },
  exported: ['seen'],
} as const satisfies MigrationPart;
