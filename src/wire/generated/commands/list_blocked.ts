// Generated from protocol/commands/list_blocked.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of list_blocked. */
export type ListBlockedParameters = object;

/** The results of list_blocked, in the order in which they are sent. */
export interface ListBlockedResults {
  /** their names */
  readonly users: readonly string[];
}

/** The spec of list_blocked. */
export const listBlocked: CommandSpec = {
  name: 'list_blocked',
  edition: 2,
  summary: 'List the users whom you block, in the order of their folded names.',
  user: 'own',
  cost: 10,
  parameters: [],
  codes: [],
};
