// Generated from protocol/operator/commands/reset_time.json by `npm run generate`. Change it there, not here.

/** The parameters of reset_time. */
export type ResetTimeParameters = object;

/** The results of reset_time, in the order in which they are sent. */
export interface ResetTimeResults {
  /** seconds that the times go back */
  readonly back: number;
}
