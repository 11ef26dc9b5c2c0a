// Generated from protocol/operator/commands/delete_room.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of delete_room. */
export interface DeleteRoomParameters {
  readonly room: string;
}

/** The results of delete_room, in the order in which they are sent. */
export interface DeleteRoomResults {
  /** the room's name */
  readonly room: string;
  /** how many sessions were removed from it */
  readonly sessions: number;
}

/** The spec of delete_room. */
export const deleteRoom: OperatorSpec = {
  name: 'delete_room',
  summary: 'Delete a room: remove everybody from it, and erase its messages. Its last owner, or `open_room`, can make it again.',
  user: 'any',
  parameters: [{ name: 'room', field: 'room', required: true }],
  codes: [11],
  example: {
    request: { command: 'delete_room', room: 'lobby' },
    reply: { room: 'lobby', sessions: 3 },
  },
};
