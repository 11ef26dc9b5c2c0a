// Generated from protocol/commands/authenticate_token.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of authenticate_token. */
export interface AuthenticateTokenParameters {
  readonly token: string;
}

/** The results of authenticate_token, in the order in which they are sent. */
export interface AuthenticateTokenResults {
  /** the name as it is stored */
  readonly username: string;
}

/** The spec of authenticate_token. */
export const authenticateToken: CommandSpec = {
  name: 'authenticate_token',
  edition: 2,
  summary: 'Log this session in by a token. A token that is unknown, has expired or is wrong gives the same line.',
  user: 'none',
  secret: true,
  cost: 5,
  budget: 'failed password',
  parameters: [{ name: 'token', field: 'token', required: true }],
  codes: [4, 12, 13, 17],
};
