// Generated from protocol/operator/commands/set_room_role.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of set_room_role. */
export interface SetRoomRoleParameters {
  readonly room: string;
  readonly user: string;
  readonly role: 'owner' | 'moderator' | 'member' | 'muted';
}

/** The results of set_room_role, in the order in which they are sent. */
export interface SetRoomRoleResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly username: string;
  /** the role */
  readonly role: 'owner' | 'moderator' | 'member' | 'muted';
}

/** The spec of set_room_role. */
export const setRoomRole: OperatorSpec = {
  name: 'set_room_role',
  summary: 'Give a user a role in a room. The last owner of a room stays one until there is another.',
  user: 'any',
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'user', field: 'username', required: true },
    { name: 'role', field: 'role', required: true },
  ],
  codes: [11, 12],
  example: {
    request: { command: 'set_room_role', room: 'lobby', user: 'bob', role: 'moderator' },
    reply: { room: 'lobby', username: 'bob', role: 'moderator' },
  },
};
