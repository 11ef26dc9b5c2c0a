// A part of step 7. What is said about messages after they were stored, such as that they were deleted.
import type { MigrationPart } from './part.js';

/** What is said about messages after they were stored, such as that they were deleted. */
export const messages = {
  sql: '',
  tables: {},
  exported: [],
} as const satisfies MigrationPart;
