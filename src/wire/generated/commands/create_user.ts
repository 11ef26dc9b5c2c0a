// Generated from protocol/commands/create_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of create_user. */
export interface CreateUserParameters {
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly password: string;
  readonly invitation?: string | undefined;
}

/** The results of create_user, in the order in which they are sent. */
export interface CreateUserResults {
  /** the name as it is stored */
  readonly username: string;
  /** the first name as it was read */
  readonly first_name: string;
  /** the last name as it was read */
  readonly last_name: string;
}

/** The spec of create_user. */
export const createUser: CommandSpec = {
  name: 'create_user',
  summary: 'Create a user. This does not log the session in.',
  user: 'any',
  secret: true,
  cost: 10,
  budget: 'password',
  role: 'registrant',
  parameters: [
    { name: 'username', field: 'new_username', required: true },
    { name: 'first_name', field: 'person_name', required: true },
    { name: 'last_name', field: 'person_name', required: true },
    { name: 'password', field: 'password', required: true },
    { name: 'invitation', field: 'base64url', required: false, edition: 2 },
  ],
  codes: [4, 12, 17],
  newResults: ['first_name', 'last_name'],
};
