// Generated from protocol/commands/list_bans.json by `npm run generate`. Change it there, not here.

/** The parameters of list_bans. */
export interface ListBansParameters {
  readonly room: string;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_bans, in the order in which they are sent. */
export interface ListBansResults {
  /** one object per ban: username, by, reason, created, until */
  readonly bans: readonly {
    /** who is banned */
    readonly username: string;
    /** who did it: a user, or the operator */
    readonly by: string;
    /** why, empty if nothing was said */
    readonly reason: string;
    /** when it was made */
    readonly created: string;
    /** when it ends, if by itself */
    readonly until?: string | undefined;
  }[];
  /** whether there are more bans */
  readonly more: boolean;
}
