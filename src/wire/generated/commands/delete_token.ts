// Generated from protocol/commands/delete_token.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of delete_token. */
export interface DeleteTokenParameters {
  readonly token_id: string;
}

/** The results of delete_token, in the order in which they are sent. */
export type DeleteTokenResults = object;

/** The spec of delete_token. */
export const deleteToken: CommandSpec = {
  name: 'delete_token',
  edition: 2,
  summary: 'End a token of your own, those that were made in its sessions, and all their sessions.',
  user: 'own',
  cost: 10,
  parameters: [{ name: 'token_id', field: 'base64url', required: true }],
  codes: [11],
};
