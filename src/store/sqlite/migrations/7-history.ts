// A part of step 7. Finds the keys of messages that are trimmed. What is searched stands in a file of its own
// (search/index-file.ts).
import type { MigrationPart } from './part.js';

/** Finds keys by the ids of their messages. */
export const history = {
  sql: 'CREATE INDEX keys_by_id ON keys (room, id);',
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
