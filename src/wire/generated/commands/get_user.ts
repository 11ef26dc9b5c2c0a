// Generated from protocol/commands/get_user.json by `npm run generate`. Change it there, not here.

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
