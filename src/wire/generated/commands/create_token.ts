// Generated from protocol/commands/create_token.json by `npm run generate`. Change it there, not here.

/** The parameters of create_token. */
export interface CreateTokenParameters {
  readonly label?: string | undefined;
  readonly expires_in?: number | undefined;
}

/** The results of create_token, in the order in which they are sent. */
export interface CreateTokenResults {
  /** the token: its id, a dot, and its secret */
  readonly token: string;
  /** the part that names it */
  readonly token_id: string;
  /** when it expires, if by itself */
  readonly expires?: string | undefined;
}
