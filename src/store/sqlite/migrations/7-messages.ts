// A part of step 7. Which edits messages have, so that a page finds the newest edit of each of its messages.
import type { MigrationPart } from './part.js';

/** The edits of each message that were not deleted. It repeats what the runs say. */
export const messages = {
  sql: `CREATE TABLE edits (
     room INTEGER NOT NULL,
     about INTEGER NOT NULL,
     id INTEGER NOT NULL,
     crc INTEGER NOT NULL,
     PRIMARY KEY (room, about, id)
   ) STRICT, WITHOUT ROWID;`,
  tables: { edits: { place: ['room', 'about', 'id'], columns: { room: 'id', about: 'id', id: 'id' } } },
  exported: [],
} as const satisfies MigrationPart;
