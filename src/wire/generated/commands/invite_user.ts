// Generated from protocol/commands/invite_user.json by `npm run generate`. Change it there, not here.

/** The parameters of invite_user. */
export interface InviteUserParameters {
  readonly room: string;
  readonly user: string;
}

/** The results of invite_user, in the order in which they are sent. */
export type InviteUserResults = object;
