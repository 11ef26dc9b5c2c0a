// Generated from protocol/commands/chatroom_history.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of chatroom_history. */
export interface ChatroomHistoryParameters {
  readonly room: string;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly around?: number | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of chatroom_history, in the order in which they are sent. */
export interface ChatroomHistoryResults {
  /** how many 110 lines stand before this reply */
  readonly count: number;
  /** whether more messages lie in the direction that was asked */
  readonly more: boolean;
  /** the id of the room's newest message, 0 for none */
  readonly last: number;
}

/** The spec of chatroom_history. */
export const chatroomHistory: CommandSpec = {
  name: 'chatroom_history',
  summary: 'Read stored messages, oldest first: those after an id, before one or around one, those of a time, or the newest.',
  user: 'own',
  room: 'joined',
  cost: 10,
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'after', field: 'id', required: false },
    { name: 'before', field: 'id', required: false },
    { name: 'around', field: 'id', required: false, edition: 2 },
    { name: 'since', field: 'instant', required: false, edition: 2 },
    { name: 'until', field: 'instant', required: false, edition: 2 },
    { name: 'limit', field: 'limit', required: false },
  ],
  exclusive: ['after', 'before', 'around'],
  ordered: ['since', 'until'],
  codes: [10],
};
