// Generated from protocol/commands/direct_history.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of direct_history. */
export interface DirectHistoryParameters {
  readonly with: string;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

/** The results of direct_history, in the order in which they are sent. */
export interface DirectHistoryResults {
  /** how many 112 lines stand before this reply */
  readonly count: number;
  /** whether more messages lie in the direction that was asked */
  readonly more: boolean;
  /** the id of the conversation's newest message, 0 for none */
  readonly last: number;
}

/** The spec of direct_history. */
export const directHistory: CommandSpec = {
  name: 'direct_history',
  edition: 2,
  summary: 'Read the stored messages of a private conversation, oldest first: those after an id, those before one, or the newest.',
  user: 'own',
  cost: 10,
  parameters: [
    { name: 'with', field: 'username', required: true },
    { name: 'after', field: 'id', required: false },
    { name: 'before', field: 'id', required: false },
    { name: 'limit', field: 'limit', required: false },
  ],
  exclusive: ['after', 'before'],
  codes: [11],
};
