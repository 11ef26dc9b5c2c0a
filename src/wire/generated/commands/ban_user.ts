// Generated from protocol/commands/ban_user.json by `npm run generate`. Change it there, not here.

/** The parameters of ban_user. */
export interface BanUserParameters {
  readonly room: string;
  readonly user: string;
  readonly duration?: number | undefined;
  readonly reason?: string | undefined;
}

/** The results of ban_user, in the order in which they are sent. */
export type BanUserResults = object;
