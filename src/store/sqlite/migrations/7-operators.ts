// A part of step 7. What operators keep: invitations to register, and erasures.
import type { MigrationPart } from './part.js';

/** What operators keep: invitations to register, and erasures. */
export const operators = {
  sql: '',
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
