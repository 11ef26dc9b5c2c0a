// Generated from protocol/commands/unblock_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of unblock_user. */
export interface UnblockUserParameters {
  readonly user: string;
}

/** The results of unblock_user, in the order in which they are sent. */
export type UnblockUserResults = object;

/** The spec of unblock_user. */
export const unblockUser: CommandSpec = {
  name: 'unblock_user',
  edition: 2,
  summary: 'Take private messages from a user again.',
  user: 'own',
  target: 'user',
  cost: 10,
  parameters: [{ name: 'user', field: 'username', required: true }],
  codes: [11],
};
