// Generated from protocol/operator/commands/open_room.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of open_room. */
export interface OpenRoomParameters {
  readonly room: string;
}

/** The results of open_room, in the order in which they are sent. */
export interface OpenRoomResults {
  /** the room's name */
  readonly room: string;
}

/** The spec of open_room. */
export const openRoom: OperatorSpec = {
  name: 'open_room',
  summary: 'Let people enter a closed room again.',
  user: 'any',
  parameters: [{ name: 'room', field: 'room', required: true }],
  codes: [11],
  example: {
    request: { command: 'open_room', room: 'lobby' },
    reply: { room: 'lobby' },
  },
};
