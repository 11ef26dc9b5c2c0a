// Generated from protocol/commands/change_password.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of change_password. */
export interface ChangePasswordParameters {
  readonly password: string;
  readonly new_password: string;
}

/** The results of change_password, in the order in which they are sent. */
export type ChangePasswordResults = object;

/** The spec of change_password. */
export const changePassword: CommandSpec = {
  name: 'change_password',
  edition: 2,
  summary: "Give your user another password. Every other session of the user ends with a 199, and so does every token but this session's. A wrong password takes the same time as a wrong one of a login, and counts as a password attempt.",
  user: 'own',
  secret: true,
  cost: 10,
  budget: 'password',
  parameters: [
    { name: 'password', field: 'checked_password', required: true },
    { name: 'new_password', field: 'password', required: true },
  ],
  codes: [4, 17],
};
