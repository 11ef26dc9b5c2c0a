// Generated from protocol/commands/delete_token.json by `npm run generate`. Change it there, not here.

/** The parameters of delete_token. */
export interface DeleteTokenParameters {
  readonly token_id: string;
}

/** The results of delete_token, in the order in which they are sent. */
export type DeleteTokenResults = object;
