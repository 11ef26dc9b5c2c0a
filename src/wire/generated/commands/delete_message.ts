// Generated from protocol/commands/delete_message.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of delete_message. */
export interface DeleteMessageParameters {
  readonly room: string;
  readonly id: number;
}

/** The results of delete_message, in the order in which they are sent. */
export type DeleteMessageResults = object;

/** The spec of delete_message. */
export const deleteMessage: CommandSpec = {
  name: 'delete_message',
  edition: 2,
  summary: 'Delete a message of a room: its text is gone from the disk, and those of its edits with it. Its id, author and time stay.',
  user: 'own',
  room: 'joined',
  cost: 10,
  parameters: [{ name: 'room', field: 'room', required: true }, { name: 'id', field: 'id', required: true }],
  codes: [10, 11, 12],
};
