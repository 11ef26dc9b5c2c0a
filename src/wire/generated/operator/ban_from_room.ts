// Generated from protocol/operator/commands/ban_from_room.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of ban_from_room. */
export interface BanFromRoomParameters {
  readonly room: string;
  readonly user: string;
  readonly duration?: number | undefined;
  readonly reason?: string | undefined;
}

/** The results of ban_from_room, in the order in which they are sent. */
export interface BanFromRoomResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly username: string;
  /** when the ban ends, if it ends by itself */
  readonly until?: string | undefined;
}

/** The spec of ban_from_room. */
export const banFromRoom: OperatorSpec = {
  name: 'ban_from_room',
  summary: 'Ban a user from a room, for a time or until `unban_from_room`, and put it out.',
  user: 'any',
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'user', field: 'username', required: true },
    { name: 'duration', field: 'duration', required: false },
    { name: 'reason', field: 'short_text', required: false },
  ],
  codes: [11, 12],
  example: {
    request: { command: 'ban_from_room', room: 'lobby', user: 'bob', duration: 3600 },
    reply: { room: 'lobby', username: 'bob', until: '2026-11-25T07:28:42.000Z' },
  },
};
