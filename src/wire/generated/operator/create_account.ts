// Generated from protocol/operator/commands/create_account.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of create_account. */
export interface CreateAccountParameters {
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly password: string;
}

/** The results of create_account, in the order in which they are sent. */
export interface CreateAccountResults {
  /** the name as it is stored */
  readonly username: string;
}

/** The spec of create_account. */
export const createAccount: OperatorSpec = {
  name: 'create_account',
  summary: 'Create a user, also while registration is closed.',
  user: 'any',
  parameters: [
    { name: 'username', field: 'new_username', required: true },
    { name: 'first_name', field: 'person_name', required: true },
    { name: 'last_name', field: 'person_name', required: true },
    { name: 'password', field: 'password', required: true },
  ],
  codes: [4],
  example: {
    request: { command: 'create_account', username: 'alice', first_name: 'Alice', last_name: 'Liddell', password: 'rabbit-hole' },
    reply: { username: 'alice' },
  },
};
