// A part of step 7. Tokens, by which devices come back.
import type { MigrationPart } from './part.js';

/** Tokens, by which devices come back. */
export const tokens = {
  // `settings` is JSON, or empty where the session had asked for nothing. `parent` is empty, and `expires` and
  // `last_used` are 0, where there is none. The index of a user's tokens finds those too that were made in the sessions
  // of one.
  sql: `CREATE TABLE tokens (
     id TEXT NOT NULL PRIMARY KEY,
     user INTEGER NOT NULL,
     parent TEXT NOT NULL,
     stored_key TEXT NOT NULL,
     server_key TEXT NOT NULL,
     label TEXT NOT NULL,
     settings TEXT NOT NULL,
     created INTEGER NOT NULL,
     expires INTEGER NOT NULL,
     last_used INTEGER NOT NULL,
     crc INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX tokens_of_users ON tokens (user, parent);
   CREATE INDEX tokens_that_expire ON tokens (expires) WHERE expires > 0;`,
  tables: {
    tokens: {
      place: ['id'],
      columns: {
        id: 'name',
        user: 'id',
        parent: 'text',
        stored_key: 'name',
        server_key: 'name',
        label: 'text',
        settings: 'text',
        created: 'time',
        expires: 'time',
        last_used: 'time',
      },
    },
  },
  exported: ['tokens'],
} as const satisfies MigrationPart;
