// Generated from protocol/commands/delete_user.json by `npm run generate`. Change it there, not here.

/** The parameters of delete_user. */
export interface DeleteUserParameters {
  readonly password: string;
  readonly erase?: boolean | undefined;
}

/** The results of delete_user, in the order in which they are sent. */
export interface DeleteUserResults {
  /** what is still on the disk, in words: because the disk fails now, and it is erased later, or because it is damaged */
  readonly left?: string | undefined;
}
