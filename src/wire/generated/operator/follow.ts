// Generated from protocol/operator/commands/follow.json by `npm run generate`. Change it there, not here.

/** The parameters of follow. */
export interface FollowParameters {
  readonly after?: string | undefined;
}

/** The results of follow, in the order in which they are sent. */
export type FollowResults = object;
