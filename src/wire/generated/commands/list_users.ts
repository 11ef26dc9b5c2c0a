// Generated from protocol/commands/list_users.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of list_users. */
export interface ListUsersParameters {
  readonly room: string;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_users, in the order in which they are sent. */
export interface ListUsersResults {
  /** one object per user: username, role. A session of the first edition reads owner or member */
  readonly users: readonly {
    /** the user's name */
    readonly username: string;
    /** what the user is in the room */
    readonly role: 'owner' | 'moderator' | 'member' | 'muted';
  }[];
  /** whether there are more users */
  readonly more: boolean;
}

/** The spec of list_users. */
export const listUsers: CommandSpec = {
  name: 'list_users',
  summary: 'List the users in a room, in the order of their folded names. `after` continues after the user of that name.',
  user: 'own',
  room: 'joined',
  cost: 5,
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'after', field: 'username', required: false },
    { name: 'limit', field: 'limit', required: false },
  ],
  codes: [10],
};
