// Generated from protocol/commands/authenticate_user.json by `npm run generate`. Change it there, not here.

/** The parameters of authenticate_user. */
export interface AuthenticateUserParameters {
  readonly username: string;
  readonly password: string;
}

/** The results of authenticate_user, in the order in which they are sent. */
export interface AuthenticateUserResults {
  /** the name as it is stored */
  readonly username: string;
}
