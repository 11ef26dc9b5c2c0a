// Generated from protocol/operator/commands/show_room.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of show_room. */
export interface ShowRoomParameters {
  readonly room: string;
}

/** The results of show_room, in the order in which they are sent. */
export interface ShowRoomResults {
  /** the room's name */
  readonly room: string;
  /** its topic */
  readonly topic: string;
  /** `open`, `closed` or `deleted` */
  readonly state: 'open' | 'closed' | 'deleted';
  /** names of the owners */
  readonly owners: readonly string[];
  /** names of the users in it now, twenty at most */
  readonly users: readonly string[];
  /** how many users are in it now */
  readonly count: number;
  /** when it was created */
  readonly created: string;
}

/** The spec of show_room. */
export const showRoom: OperatorSpec = {
  name: 'show_room',
  summary: 'Show what is known about a room.',
  user: 'any',
  reads: true,
  parameters: [{ name: 'room', field: 'room', required: true }],
  codes: [11],
  example: {
    request: { command: 'show_room', room: 'lobby' },
    reply: {
      room: 'lobby',
      topic: '',
      state: 'open',
      owners: ['alice'],
      users: ['alice', 'bob'],
      count: 2,
      created: '2026-11-25T06:28:42.000Z',
    },
  },
};
