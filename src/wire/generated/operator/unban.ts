// Generated from protocol/operator/commands/unban.json by `npm run generate`. Change it there, not here.

/** The parameters of unban. */
export interface UnbanParameters {
  readonly target: string;
}

/** The results of unban, in the order in which they are sent. */
export interface UnbanResults {
  /** `user`, `address` or `network` */
  readonly kind: 'user' | 'address' | 'network';
  /** what was banned */
  readonly target: string;
  /** what was asked for, where that was written otherwise */
  readonly asked?: string | undefined;
  /** targets of bans that still keep it out, twenty at most */
  readonly wider?: readonly string[] | undefined;
  /** targets of bans inside it that go on, twenty at most */
  readonly narrower?: readonly string[] | undefined;
  /** how many they are */
  readonly narrower_count?: number | undefined;
}
