// Generated from protocol/commands/unban_user.json by `npm run generate`. Change it there, not here.

/** The parameters of unban_user. */
export interface UnbanUserParameters {
  readonly room: string;
  readonly user: string;
}

/** The results of unban_user, in the order in which they are sent. */
export type UnbanUserResults = object;
