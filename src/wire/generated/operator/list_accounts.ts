// Generated from protocol/operator/commands/list_accounts.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of list_accounts. */
export interface ListAccountsParameters {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_accounts, in the order in which they are sent. */
export interface ListAccountsResults {
  /** one object per user: username, first_name, last_name, state (active or disabled), sessions, created */
  readonly accounts: readonly {
    /** the user's name */
    readonly username: string;
    /** the first name */
    readonly first_name: string;
    /** the last name */
    readonly last_name: string;
    /** whether the user may log in */
    readonly state: 'active' | 'disabled';
    /** how many sessions the user has */
    readonly sessions: number;
    /** when the user was created */
    readonly created: string;
  }[];
  /** whether there are more users */
  readonly more: boolean;
}

/** The spec of list_accounts. */
export const listAccounts: OperatorSpec = {
  name: 'list_accounts',
  summary: 'List the users that are not deleted, by name.',
  user: 'any',
  reads: true,
  parameters: [{ name: 'after', field: 'username', required: false }, { name: 'limit', field: 'limit', required: false }],
  codes: [],
  example: {
    request: { command: 'list_accounts', limit: 1 },
    reply: {
      accounts: [
        {
          username: 'alice',
          first_name: 'Alice',
          last_name: 'Liddell',
          state: 'active',
          sessions: 1,
          created: '2026-11-25T06:28:42.000Z',
        },
      ],
      more: false,
    },
  },
};
