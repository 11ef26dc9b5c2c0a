// Generated from protocol/operator/commands/unban_from_room.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of unban_from_room. */
export interface UnbanFromRoomParameters {
  readonly room: string;
  readonly user: string;
}

/** The results of unban_from_room, in the order in which they are sent. */
export interface UnbanFromRoomResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly username: string;
}

/** The spec of unban_from_room. */
export const unbanFromRoom: OperatorSpec = {
  name: 'unban_from_room',
  summary: 'End the ban of a user from a room.',
  user: 'any',
  parameters: [{ name: 'room', field: 'room', required: true }, { name: 'user', field: 'username', required: true }],
  codes: [11],
  example: {
    request: { command: 'unban_from_room', room: 'lobby', user: 'bob' },
    reply: { room: 'lobby', username: 'bob' },
  },
};
