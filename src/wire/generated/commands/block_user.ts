// Generated from protocol/commands/block_user.json by `npm run generate`. Change it there, not here.

/** The parameters of block_user. */
export interface BlockUserParameters {
  readonly user: string;
}

/** The results of block_user, in the order in which they are sent. */
export type BlockUserResults = object;
