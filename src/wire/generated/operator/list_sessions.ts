// Generated from protocol/operator/commands/list_sessions.json by `npm run generate`. Change it there, not here.

/** The parameters of list_sessions. */
export interface ListSessionsParameters {
  readonly after?: number | undefined;
  readonly limit?: number | undefined;
  readonly user?: string | undefined;
}

/** The results of list_sessions, in the order in which they are sent. */
export interface ListSessionsResults {
  /** one object per session: session, username if it has one, address, encrypted, rooms, seconds */
  readonly sessions: readonly {
    /** its number */
    readonly session: number;
    /** its user, if it has one */
    readonly username?: string | undefined;
    /** where it comes from */
    readonly address: string;
    /** whether it uses TLS */
    readonly encrypted: boolean;
    /** how many rooms it has joined */
    readonly rooms: number;
    /** how long it has been open */
    readonly seconds: number;
  }[];
  /** whether there are more sessions */
  readonly more: boolean;
}
