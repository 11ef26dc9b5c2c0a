// Generated from protocol/operator/commands/delete_account.json by `npm run generate`. Change it there, not here.

/** The parameters of delete_account. */
export interface DeleteAccountParameters {
  readonly user: string;
}

/** The results of delete_account, in the order in which they are sent. */
export interface DeleteAccountResults {
  /** the user's name */
  readonly username: string;
  /** how many sessions were ended */
  readonly sessions: number;
  /** what is still on the disk, in words, because the disk fails now: it is erased later */
  readonly left?: string | undefined;
}
