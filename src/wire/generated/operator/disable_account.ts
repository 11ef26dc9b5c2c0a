// Generated from protocol/operator/commands/disable_account.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of disable_account. */
export interface DisableAccountParameters {
  readonly user: string;
}

/** The results of disable_account, in the order in which they are sent. */
export interface DisableAccountResults {
  /** the user's name */
  readonly username: string;
  /** how many sessions were ended */
  readonly sessions: number;
}

/** The spec of disable_account. */
export const disableAccount: OperatorSpec = {
  name: 'disable_account',
  summary: "Let nobody log in as a user, and end the user's sessions. The name stays taken.",
  user: 'any',
  parameters: [{ name: 'user', field: 'username', required: true }],
  codes: [11],
  example: {
    request: { command: 'disable_account', user: 'alice' },
    reply: { username: 'alice', sessions: 1 },
  },
};
