// A part of step 7. The settings of a room (store/room-settings.ts), as JSON; and up to which id messages were erased.
import type { MigrationPart } from './part.js';

/** The settings of rooms, and up to which id their messages were erased. */
export const rooms = {
  sql: `ALTER TABLE rooms ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
   ALTER TABLE rooms ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;`,
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
