// Generated from protocol/operator/commands/create_account.json by `npm run generate`. Change it there, not here.

/** The parameters of create_account. */
export interface CreateAccountParameters {
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly password: string;
}

/** The results of create_account, in the order in which they are sent. */
export interface CreateAccountResults {
  /** the name as it is stored */
  readonly username: string;
}
