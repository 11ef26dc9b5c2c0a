// Generated from protocol/operator/commands/own_room.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of own_room. */
export interface OwnRoomParameters {
  readonly room: string;
  readonly user: string;
}

/** The results of own_room, in the order in which they are sent. */
export interface OwnRoomResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly owner: string;
}

/** The spec of own_room. */
export const ownRoom: OperatorSpec = {
  name: 'own_room',
  summary: 'Make a user the only owner of a room.',
  user: 'any',
  parameters: [{ name: 'room', field: 'room', required: true }, { name: 'user', field: 'username', required: true }],
  codes: [11],
  example: {
    request: { command: 'own_room', room: 'lobby', user: 'bob' },
    reply: { room: 'lobby', owner: 'bob' },
  },
};
