// Generated from protocol/commands/unban_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of unban_user. */
export interface UnbanUserParameters {
  readonly room: string;
  readonly user: string;
}

/** The results of unban_user, in the order in which they are sent. */
export type UnbanUserResults = object;

/** The spec of unban_user. */
export const unbanUser: CommandSpec = {
  name: 'unban_user',
  edition: 2,
  summary: 'End the ban of a user from a room.',
  user: 'own',
  room: 'joined',
  target: 'user',
  role: 'moderator',
  cost: 10,
  parameters: [{ name: 'room', field: 'room', required: true }, { name: 'user', field: 'username', required: true }],
  codes: [10, 11, 12],
};
