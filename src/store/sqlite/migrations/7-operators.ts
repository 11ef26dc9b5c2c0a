// A part of step 7. What operators keep: invitations to register, and erasures.
import type { MigrationPart } from './part.js';

/**
 * Invitations to register: `hash` is that of the secret, `uses` how many users it is for, and `used` how many were made
 * with it. `until` is 0 where it does not end by itself.
 */
export const operators = {
  sql: `CREATE TABLE invitations (
      id TEXT NOT NULL PRIMARY KEY,
      hash BLOB NOT NULL UNIQUE,
      uses INTEGER NOT NULL,
      used INTEGER NOT NULL,
      created INTEGER NOT NULL,
      until INTEGER NOT NULL,
      crc INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;`,
  tables: {
    invitations: {
      place: ['id'],
      columns: { id: 'name', hash: 'bytes', uses: 'id', used: 'count', created: 'time', until: 'time' },
    },
  },
  exported: ['invitations'],
} as const satisfies MigrationPart;
