// Generated from protocol/operator/commands/disable_account.json by `npm run generate`. Change it there, not here.

/** The parameters of disable_account. */
export interface DisableAccountParameters {
  readonly user: string;
}

/** The results of disable_account, in the order in which they are sent. */
export interface DisableAccountResults {
  /** the user's name */
  readonly username: string;
  /** how many sessions were ended */
  readonly sessions: number;
}
