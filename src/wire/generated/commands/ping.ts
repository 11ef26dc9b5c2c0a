// Generated from protocol/commands/ping.json by `npm run generate`. Change it there, not here.

/** The parameters of ping. */
export interface PingParameters {
  readonly data?: string | undefined;
}

/** The results of ping, in the order in which they are sent. */
export interface PingResults {
  /** what was sent, if anything was */
  readonly data?: string | undefined;
  /** the server's time */
  readonly time: string;
}
