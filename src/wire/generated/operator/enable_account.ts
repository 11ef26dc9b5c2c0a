// Generated from protocol/operator/commands/enable_account.json by `npm run generate`. Change it there, not here.

/** The parameters of enable_account. */
export interface EnableAccountParameters {
  readonly user: string;
}

/** The results of enable_account, in the order in which they are sent. */
export interface EnableAccountResults {
  /** the user's name */
  readonly username: string;
}
