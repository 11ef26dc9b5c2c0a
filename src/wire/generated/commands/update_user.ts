// Generated from protocol/commands/update_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of update_user. */
export interface UpdateUserParameters {
  readonly first_name?: string | undefined;
  readonly last_name?: string | undefined;
  readonly status?: string | undefined;
}

/** The results of update_user, in the order in which they are sent. */
export type UpdateUserResults = object;

/** The spec of update_user. */
export const updateUser: CommandSpec = {
  name: 'update_user',
  edition: 2,
  summary: 'Change your names, or what you say of yourself, which get_user shows while you are away too. An empty status takes it away.',
  user: 'own',
  cost: 10,
  parameters: [
    { name: 'first_name', field: 'person_name', required: false },
    { name: 'last_name', field: 'person_name', required: false },
    { name: 'status', field: 'status', required: false },
  ],
  codes: [],
};
