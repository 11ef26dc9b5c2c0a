// Generated from protocol/commands/leave_chatroom.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of leave_chatroom. */
export interface LeaveChatroomParameters {
  readonly username: string;
  readonly room: string;
}

/** The results of leave_chatroom, in the order in which they are sent. */
export interface LeaveChatroomResults {
  /** the room's name */
  readonly room: string;
}

/** The spec of leave_chatroom. */
export const leaveChatroom: CommandSpec = {
  name: 'leave_chatroom',
  summary: 'Leave a room. No event of the room comes after the reply.',
  user: 'own',
  room: 'joined',
  cost: 2,
  parameters: [{ name: 'username', field: 'username', required: true }, { name: 'room', field: 'room', required: true }],
  codes: [10],
};
