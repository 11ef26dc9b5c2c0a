// Generated from protocol/operator/commands/ban.json by `npm run generate`. Change it there, not here.

/** The parameters of ban. */
export interface BanParameters {
  readonly target: string;
  readonly duration?: number | undefined;
  readonly reason?: string | undefined;
}

/** The results of ban, in the order in which they are sent. */
export interface BanResults {
  /** `user`, `address` or `network`: what the target was taken for */
  readonly kind: 'user' | 'address' | 'network';
  /** what is banned, as it is stored */
  readonly target: string;
  /** what was asked for, where that was written otherwise: 192.0.2.1/24 is 192.0.2.0/24 */
  readonly asked?: string | undefined;
  /** when the ban ends, if it ends by itself */
  readonly until?: string | undefined;
  /** the ban of the same target that this one takes the place of, where there was one: reason, created, until */
  readonly replaced?: {
    /** why it was made */
    readonly reason: string;
    /** when it was made */
    readonly created: string;
    /** when it would have ended, if by itself */
    readonly until?: string | undefined;
  } | undefined;
  /** targets of bans that keep all of it out too and go on, twenty at most */
  readonly wider?: readonly string[] | undefined;
  /** targets of bans inside it that go on, twenty at most */
  readonly narrower?: readonly string[] | undefined;
  /** how many they are */
  readonly narrower_count?: number | undefined;
  /** how many sessions were ended */
  readonly sessions: number;
}
