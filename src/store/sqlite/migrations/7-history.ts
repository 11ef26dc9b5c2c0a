// A part of step 7. Retention and search.
import type { MigrationPart } from './part.js';

/** Retention and search. */
export const history = {
  sql: '',
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
