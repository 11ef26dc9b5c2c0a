// A part of step 7. Who belongs to a room, is invited, or is banned from it.
import type { MigrationPart } from './part.js';

/** Who belongs to a room, is invited, or is banned from it. */
export const membership = {
  sql: '',
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
