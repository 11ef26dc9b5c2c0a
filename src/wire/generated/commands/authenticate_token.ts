// Generated from protocol/commands/authenticate_token.json by `npm run generate`. Change it there, not here.

/** The parameters of authenticate_token. */
export interface AuthenticateTokenParameters {
  readonly token: string;
}

/** The results of authenticate_token, in the order in which they are sent. */
export interface AuthenticateTokenResults {
  /** the name as it is stored */
  readonly username: string;
}
