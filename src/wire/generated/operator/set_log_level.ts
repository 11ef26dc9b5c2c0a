// Generated from protocol/operator/commands/set_log_level.json by `npm run generate`. Change it there, not here.

/** The parameters of set_log_level. */
export interface SetLogLevelParameters {
  readonly level: string;
}

/** The results of set_log_level, in the order in which they are sent. */
export interface SetLogLevelResults {
  /** the level that was set */
  readonly level: string;
}
