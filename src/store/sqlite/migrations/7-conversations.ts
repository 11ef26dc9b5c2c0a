// A part of step 7. Private conversations, and how far their users have read.
import type { MigrationPart } from './part.js';

/** Private conversations, and how far their users have read. */
export const conversations = {
  sql: '',
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
