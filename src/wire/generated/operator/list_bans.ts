// Generated from protocol/operator/commands/list_bans.json by `npm run generate`. Change it there, not here.

/** The parameters of list_bans. */
export interface ListBansParameters {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_bans, in the order in which they are sent. */
export interface ListBansResults {
  /** one object per ban: target, kind (user, address or network), reason, created, until */
  readonly bans: readonly {
    /** whom it keeps out */
    readonly target: string;
    /** what the target is */
    readonly kind: 'user' | 'address' | 'network';
    /** why, empty if none was given */
    readonly reason: string;
    /** when it was made */
    readonly created: string;
    /** when it ends, if by itself */
    readonly until?: string | undefined;
  }[];
  /** whether there are more bans */
  readonly more: boolean;
}
