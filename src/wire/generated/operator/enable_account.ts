// Generated from protocol/operator/commands/enable_account.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of enable_account. */
export interface EnableAccountParameters {
  readonly user: string;
}

/** The results of enable_account, in the order in which they are sent. */
export interface EnableAccountResults {
  /** the user's name */
  readonly username: string;
}

/** The spec of enable_account. */
export const enableAccount: OperatorSpec = {
  name: 'enable_account',
  summary: 'Let a disabled user log in again.',
  user: 'any',
  parameters: [{ name: 'user', field: 'username', required: true }],
  codes: [11],
  example: {
    request: { command: 'enable_account', user: 'alice' },
    reply: { username: 'alice' },
  },
};
