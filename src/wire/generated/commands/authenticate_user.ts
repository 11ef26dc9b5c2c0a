// Generated from protocol/commands/authenticate_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of authenticate_user. */
export interface AuthenticateUserParameters {
  readonly username: string;
  readonly password: string;
}

/** The results of authenticate_user, in the order in which they are sent. */
export interface AuthenticateUserResults {
  /** the name as it is stored */
  readonly username: string;
}

/** The spec of authenticate_user. */
export const authenticateUser: CommandSpec = {
  name: 'authenticate_user',
  summary: 'Log this session in as the user. A failure takes the same time and gives the same line whether or not the user exists.',
  user: 'none',
  secret: true,
  cost: 5,
  budget: 'password',
  parameters: [
    { name: 'username', field: 'username', required: true },
    { name: 'password', field: 'checked_password', required: true },
  ],
  codes: [4, 12, 13, 17],
};
