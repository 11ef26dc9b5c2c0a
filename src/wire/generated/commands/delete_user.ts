// Generated from protocol/commands/delete_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of delete_user. */
export interface DeleteUserParameters {
  readonly password: string;
  readonly erase?: boolean | undefined;
}

/** The results of delete_user, in the order in which they are sent. */
export type DeleteUserResults = object;

/** The spec of delete_user. */
export const deleteUser: CommandSpec = {
  name: 'delete_user',
  edition: 2,
  summary: 'Delete your user. This session goes on without a user, and all others of the user end with a 199. Names, status, password and whatever else is kept of the user are gone from the disk before the reply. With erase the texts of all its messages are too, and username is empty where it stood. The name is never given again.',
  user: 'own',
  secret: true,
  cost: 10,
  budget: 'password',
  parameters: [{ name: 'password', field: 'checked_password', required: true }, { name: 'erase', field: 'switch', required: false }],
  codes: [4, 17],
};
