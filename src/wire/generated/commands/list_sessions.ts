// Generated from protocol/commands/list_sessions.json by `npm run generate`. Change it there, not here.

/** The parameters of list_sessions. */
export type ListSessionsParameters = object;

/** The results of list_sessions, in the order in which they are sent. */
export interface ListSessionsResults {
  /** one object per session: session, since, address, current */
  readonly sessions: readonly {
    /** its number */
    readonly session: number;
    /** when it was connected */
    readonly since: string;
    /** where it comes from */
    readonly address: string;
    /** whether it is the one that asks */
    readonly current: boolean;
  }[];
  /** true where not all of them fit in the line */
  readonly more?: boolean | undefined;
}
