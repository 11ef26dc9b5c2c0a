// Generated from protocol/operator/commands/set_password.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of set_password. */
export interface SetPasswordParameters {
  readonly user: string;
  readonly password: string;
}

/** The results of set_password, in the order in which they are sent. */
export interface SetPasswordResults {
  /** the user's name */
  readonly username: string;
  /** how many sessions were ended */
  readonly sessions: number;
}

/** The spec of set_password. */
export const setPassword: OperatorSpec = {
  name: 'set_password',
  summary: "Give a user a new password, and end the user's sessions.",
  user: 'any',
  parameters: [{ name: 'user', field: 'username', required: true }, { name: 'password', field: 'password', required: true }],
  codes: [11],
  example: {
    request: { command: 'set_password', user: 'alice', password: 'looking-glass' },
    reply: { username: 'alice', sessions: 1 },
  },
};
