// A part of step 7. In which order the roles of a room were given, which decides who has had one for longest.
import type { MigrationPart } from './part.js';

/** In which order the roles of a room were given, which decides who has had one for longest. */
export const roles = {
  sql: 'ALTER TABLE roles ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;',
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
