// Generated from protocol/operator/commands/end_tokens.json by `npm run generate`. Change it there, not here.

/** The parameters of end_tokens. */
export interface EndTokensParameters {
  readonly user: string;
  readonly token_id?: string | undefined;
}

/** The results of end_tokens, in the order in which they are sent. */
export interface EndTokensResults {
  /** the user */
  readonly username: string;
  /** how many tokens were ended */
  readonly tokens: number;
  /** how many sessions were ended */
  readonly sessions: number;
}
