// A part of step 7. Finds the keys of messages that are trimmed, and notes down which runs the index of what was said
// (search.ts) has to look at again. The index itself stands in a file of its own.
import type { MigrationPart } from './part.js';

/** The greatest number of a room whose messages are searched. Those of conversations are greater. */
export const maxSearchedRoom = 2 ** 20;

/**
 * Finds keys by the ids of their messages. `searched_changes` has the messages whose texts were changed or removed, in
 * the transaction that did it, until the index has taken note: a deletion is not forgotten by a process that ends.
 */
export const history = {
  sql: `CREATE INDEX keys_by_id ON keys (room, id);
    CREATE TABLE searched_changes (
      number INTEGER PRIMARY KEY, room INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER runs_rewritten AFTER UPDATE OF messages ON runs WHEN OLD.room <= ${maxSearchedRoom}
      BEGIN INSERT INTO searched_changes (room, first, last) VALUES (OLD.room, OLD.first, OLD.last); END;
    CREATE TRIGGER runs_forgotten AFTER DELETE ON runs WHEN OLD.room <= ${maxSearchedRoom}
      BEGIN INSERT INTO searched_changes (room, first, last) VALUES (OLD.room, OLD.first, OLD.last); END;`,
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
