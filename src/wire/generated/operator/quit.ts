// Generated from protocol/operator/commands/quit.json by `npm run generate`. Change it there, not here.

/** The parameters of quit. */
export type QuitParameters = object;

/** The results of quit, in the order in which they are sent. */
export type QuitResults = object;
