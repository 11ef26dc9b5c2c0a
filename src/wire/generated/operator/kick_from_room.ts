// Generated from protocol/operator/commands/kick_from_room.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of kick_from_room. */
export interface KickFromRoomParameters {
  readonly room: string;
  readonly user: string;
  readonly reason?: string | undefined;
}

/** The results of kick_from_room, in the order in which they are sent. */
export interface KickFromRoomResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly username: string;
}

/** The spec of kick_from_room. */
export const kickFromRoom: OperatorSpec = {
  name: 'kick_from_room',
  summary: 'Put a user out of a room, and end its membership.',
  user: 'any',
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'user', field: 'username', required: true },
    { name: 'reason', field: 'short_text', required: false },
  ],
  codes: [11, 12],
  example: {
    request: { command: 'kick_from_room', room: 'lobby', user: 'bob' },
    reply: { room: 'lobby', username: 'bob' },
  },
};
