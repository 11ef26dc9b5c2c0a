// Generated from protocol/operator/commands/announce.json by `npm run generate`. Change it there, not here.

/** The parameters of announce. */
export interface AnnounceParameters {
  readonly text: string;
}

/** The results of announce, in the order in which they are sent. */
export interface AnnounceResults {
  /** how many sessions get it */
  readonly sessions: number;
}
