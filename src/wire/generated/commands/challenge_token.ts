// Generated from protocol/commands/challenge_token.json by `npm run generate`. Change it there, not here.

/** The parameters of challenge_token. */
export interface ChallengeTokenParameters {
  readonly token_id: string;
  readonly nonce: string;
}

/** The results of challenge_token, in the order in which they are sent. */
export interface ChallengeTokenResults {
  /** the server's nonce, in base64url */
  readonly nonce: string;
}
