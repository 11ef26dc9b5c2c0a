// A part of step 7. Tokens, by which devices come back.
import type { MigrationPart } from './part.js';

/** Tokens, by which devices come back. */
export const tokens = {
  sql: '',
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
