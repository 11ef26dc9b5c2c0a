// Generated from protocol/commands/delete_chatroom.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of delete_chatroom. */
export interface DeleteChatroomParameters {
  readonly room: string;
}

/** The results of delete_chatroom, in the order in which they are sent. */
export type DeleteChatroomResults = object;

/** The spec of delete_chatroom. */
export const deleteChatroom: CommandSpec = {
  name: 'delete_chatroom',
  edition: 2,
  summary: "Delete a room: an owner's. Everybody is removed from it, and its messages are erased. Only its last owner can make it again; ids go on where they were.",
  user: 'own',
  room: 'joined',
  role: 'owner',
  cost: 10,
  parameters: [{ name: 'room', field: 'room', required: true }],
  codes: [10, 12],
};
