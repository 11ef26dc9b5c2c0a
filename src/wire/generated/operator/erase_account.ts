// Generated from protocol/operator/commands/erase_account.json by `npm run generate`. Change it there, not here.

/** The parameters of erase_account. */
export interface EraseAccountParameters {
  readonly user: string;
}

/** The results of erase_account, in the order in which they are sent. */
export interface EraseAccountResults {
  /** the name that the user had */
  readonly username: string;
  /** how many sessions were ended */
  readonly sessions: number;
  /** what is still on the disk, in words: because the disk fails now, and it is erased later, or because it is damaged */
  readonly left?: string | undefined;
}
