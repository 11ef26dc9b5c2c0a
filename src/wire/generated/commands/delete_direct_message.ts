// Generated from protocol/commands/delete_direct_message.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of delete_direct_message. */
export interface DeleteDirectMessageParameters {
  readonly with: string;
  readonly id: number;
}

/** The results of delete_direct_message, in the order in which they are sent. */
export type DeleteDirectMessageResults = object;

/** The spec of delete_direct_message. */
export const deleteDirectMessage: CommandSpec = {
  name: 'delete_direct_message',
  edition: 2,
  summary: 'Delete a private message of your own: its text is gone from the disk, and those of its edits with it. Its id, author and time stay.',
  user: 'own',
  cost: 10,
  parameters: [{ name: 'with', field: 'username', required: true }, { name: 'id', field: 'id', required: true }],
  codes: [11, 12],
};
