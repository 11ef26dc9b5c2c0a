// A part of step 7. What users say of themselves, and whom they block.
import type { MigrationPart } from './part.js';

/** What users say of themselves, and whom they block. */
export const accounts = {
  sql: "ALTER TABLE users ADD COLUMN status TEXT NOT NULL DEFAULT '';",
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
