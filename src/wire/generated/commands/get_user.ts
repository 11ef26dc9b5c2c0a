// Generated from protocol/commands/get_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of get_user. */
export interface GetUserParameters {
  readonly user: string;
}

/** The results of get_user, in the order in which they are sent. */
export interface GetUserResults {
  /** the name as it is stored */
  readonly username: string;
  /** what the user says of itself; empty for nothing */
  readonly status: string;
  /** for oneself and those who share a room or a conversation */
  readonly first_name?: string | undefined;
  /** as first_name */
  readonly last_name?: string | undefined;
  /** as first_name; whether the user has an open session */
  readonly online?: boolean | undefined;
  /** as first_name; when a session of the user was last open, to about a minute. Not there where the server does not know */
  readonly last_seen?: string | undefined;
}

/** The spec of get_user. */
export const getUser: CommandSpec = {
  name: 'get_user',
  edition: 2,
  summary: 'Show a user. Of yourself, and of those with whom you share a room or a conversation, also the names, whether a session of the user is open, and when one last was.',
  user: 'own',
  target: 'user',
  cost: 5,
  parameters: [{ name: 'user', field: 'username', required: true }],
  codes: [11],
};
