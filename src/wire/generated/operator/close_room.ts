// Generated from protocol/operator/commands/close_room.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of close_room. */
export interface CloseRoomParameters {
  readonly room: string;
  readonly reason?: string | undefined;
}

/** The results of close_room, in the order in which they are sent. */
export interface CloseRoomResults {
  /** the room's name */
  readonly room: string;
  /** how many sessions were removed */
  readonly sessions: number;
}

/** The spec of close_room. */
export const closeRoom: OperatorSpec = {
  name: 'close_room',
  summary: 'Let nobody enter a room, and remove everybody who is in it. Its messages stay.',
  user: 'any',
  parameters: [{ name: 'room', field: 'room', required: true }, { name: 'reason', field: 'short_text', required: false }],
  codes: [11],
  example: {
    request: { command: 'close_room', room: 'lobby' },
    reply: { room: 'lobby', sessions: 3 },
  },
};
