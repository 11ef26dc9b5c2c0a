// Generated from protocol/operator/commands/set_room_password.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of set_room_password. */
export interface SetRoomPasswordParameters {
  readonly room: string;
  readonly password: string;
}

/** The results of set_room_password, in the order in which they are sent. */
export interface SetRoomPasswordResults {
  /** the room's name */
  readonly room: string;
}

/** The spec of set_room_password. */
export const setRoomPassword: OperatorSpec = {
  name: 'set_room_password',
  summary: 'Set the password that a join of the room is asked for. `set_room` takes it away.',
  user: 'any',
  parameters: [{ name: 'room', field: 'room', required: true }, { name: 'password', field: 'password', required: true }],
  codes: [7, 11, 18],
  example: {
    request: { command: 'set_room_password', room: 'lobby', password: 'open sesame' },
    reply: { room: 'lobby' },
  },
};
