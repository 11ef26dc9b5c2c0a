// Generated from protocol/commands/block_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of block_user. */
export interface BlockUserParameters {
  readonly user: string;
}

/** The results of block_user, in the order in which they are sent. */
export type BlockUserResults = object;

/** The spec of block_user. */
export const blockUser: CommandSpec = {
  name: 'block_user',
  edition: 2,
  summary: 'Take no private messages from a user any more: what the user sends you directly is answered 12. You can still write to the user.',
  user: 'own',
  target: 'user',
  cost: 10,
  parameters: [{ name: 'user', field: 'username', required: true }],
  codes: [11],
};
