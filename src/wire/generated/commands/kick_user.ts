// Generated from protocol/commands/kick_user.json by `npm run generate`. Change it there, not here.

/** The parameters of kick_user. */
export interface KickUserParameters {
  readonly room: string;
  readonly user: string;
  readonly reason?: string | undefined;
}

/** The results of kick_user, in the order in which they are sent. */
export type KickUserResults = object;
