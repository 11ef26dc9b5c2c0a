// Generated from protocol/operator/commands/erase_account.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of erase_account. */
export interface EraseAccountParameters {
  readonly user: string;
}

/** The results of erase_account, in the order in which they are sent. */
export interface EraseAccountResults {
  /** the name that the user had */
  readonly username: string;
  /** how many sessions were ended */
  readonly sessions: number;
}

/** The spec of erase_account. */
export const eraseAccount: OperatorSpec = {
  name: 'erase_account',
  summary: "Delete a user, its name, and the texts of all its messages, and end the user's sessions. The name is never given again. This can take minutes where there are many messages.",
  user: 'any',
  parameters: [{ name: 'user', field: 'username', required: true }],
  codes: [11],
  example: {
    request: { command: 'erase_account', user: 'alice' },
    reply: { username: 'alice', sessions: 1 },
  },
};
