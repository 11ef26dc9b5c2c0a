// Generated from protocol/commands/log_out.json by `npm run generate`. Change it there, not here.

/** The parameters of log_out. */
export type LogOutParameters = object;

/** The results of log_out, in the order in which they are sent. */
export type LogOutResults = object;
