// Generated from protocol/operator/commands/set_password.json by `npm run generate`. Change it there, not here.

/** The parameters of set_password. */
export interface SetPasswordParameters {
  readonly user: string;
  readonly password: string;
}

/** The results of set_password, in the order in which they are sent. */
export interface SetPasswordResults {
  /** the user's name */
  readonly username: string;
  /** how many sessions were ended */
  readonly sessions: number;
}
