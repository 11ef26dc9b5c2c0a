// Generated from protocol/operator/commands/list_sessions.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

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

/** The spec of list_sessions. */
export const listSessions: OperatorSpec = {
  name: 'list_sessions',
  summary: 'List the open connections, by number: all, or those of a user.',
  user: 'any',
  reads: true,
  parameters: [
    { name: 'after', field: 'id', required: false },
    { name: 'limit', field: 'limit', required: false },
    { name: 'user', field: 'username', required: false },
  ],
  codes: [],
  example: {
    request: { command: 'list_sessions', limit: 1 },
    reply: {
      sessions: [{ session: 7, username: 'alice', address: '192.0.2.7', encrypted: true, rooms: 2, seconds: 360 }],
      more: true,
    },
  },
};
