// Generated from protocol/commands/end_session.json by `npm run generate`. Change it there, not here.

/** The parameters of end_session. */
export interface EndSessionParameters {
  readonly session: number;
}

/** The results of end_session, in the order in which they are sent. */
export type EndSessionResults = object;
