// Generated from protocol/operator/commands/drain.json by `npm run generate`. Change it there, not here.

/** The parameters of drain. */
export interface DrainParameters {
  readonly over?: number | undefined;
}

/** The results of drain, in the order in which they are sent. */
export interface DrainResults {
  /** how many sessions are to end */
  readonly sessions: number;
  /** seconds, from now on */
  readonly over: number;
  /** true where a drain was under way already, whose time is now this one */
  readonly changed: boolean;
}
