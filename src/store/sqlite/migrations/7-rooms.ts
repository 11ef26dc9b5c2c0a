// A part of step 7. The settings of a room (store/room-settings.ts), as JSON.
import type { MigrationPart } from './part.js';

/** The settings of a room (store/room-settings.ts), as JSON. */
export const rooms = {
  sql: "ALTER TABLE rooms ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';",
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
