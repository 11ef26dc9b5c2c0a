// Generated from protocol/commands/set_role.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of set_role. */
export interface SetRoleParameters {
  readonly room: string;
  readonly user: string;
  readonly role: 'owner' | 'moderator' | 'member' | 'muted';
}

/** The results of set_role, in the order in which they are sent. */
export type SetRoleResults = object;

/** The spec of set_role. */
export const setRole: CommandSpec = {
  name: 'set_role',
  edition: 2,
  summary: 'Give a user a role in a room. Owners give every role. Moderators make members and muted users of those below them. You can lower your own role, unless you are the last owner.',
  user: 'own',
  room: 'joined',
  target: 'user',
  role: 'moderator',
  outranks: 'others or oneself',
  cost: 10,
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'user', field: 'username', required: true },
    { name: 'role', field: 'role', required: true },
  ],
  codes: [10, 11, 12],
};
