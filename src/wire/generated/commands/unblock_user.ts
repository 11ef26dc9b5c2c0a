// Generated from protocol/commands/unblock_user.json by `npm run generate`. Change it there, not here.

/** The parameters of unblock_user. */
export interface UnblockUserParameters {
  readonly user: string;
}

/** The results of unblock_user, in the order in which they are sent. */
export type UnblockUserResults = object;
