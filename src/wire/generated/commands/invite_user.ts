// Generated from protocol/commands/invite_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of invite_user. */
export interface InviteUserParameters {
  readonly room: string;
  readonly user: string;
}

/** The results of invite_user, in the order in which they are sent. */
export type InviteUserResults = object;

/** The spec of invite_user. */
export const inviteUser: CommandSpec = {
  name: 'invite_user',
  edition: 2,
  summary: 'Make a user a member of a room, who may join it. The user is told in a private message. If it is a member already, nothing happens.',
  user: 'own',
  room: 'joined',
  target: 'user',
  role: 'moderator',
  cost: 10,
  parameters: [{ name: 'room', field: 'room', required: true }, { name: 'user', field: 'username', required: true }],
  codes: [10, 11, 12],
};
