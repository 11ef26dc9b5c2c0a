// Generated from protocol/operator/commands/delete_account.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of delete_account. */
export interface DeleteAccountParameters {
  readonly user: string;
}

/** The results of delete_account, in the order in which they are sent. */
export interface DeleteAccountResults {
  /** the user's name */
  readonly username: string;
  /** how many sessions were ended */
  readonly sessions: number;
}

/** The spec of delete_account. */
export const deleteAccount: OperatorSpec = {
  name: 'delete_account',
  summary: "Delete a user, and end the user's sessions. The name is never given again. The user's messages stay.",
  user: 'any',
  parameters: [{ name: 'user', field: 'username', required: true }],
  codes: [11],
  example: {
    request: { command: 'delete_account', user: 'alice' },
    reply: { username: 'alice', sessions: 1 },
  },
};
