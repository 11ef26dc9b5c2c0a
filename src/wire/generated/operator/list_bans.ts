// Generated from protocol/operator/commands/list_bans.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of list_bans. */
export interface ListBansParameters {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_bans, in the order in which they are sent. */
export interface ListBansResults {
  /** one object per ban: target, kind (user, address or network), reason, created, until */
  readonly bans: readonly {
    /** whom it keeps out */
    readonly target: string;
    /** what the target is */
    readonly kind: 'user' | 'address' | 'network';
    /** why, empty if none was given */
    readonly reason: string;
    /** when it was made */
    readonly created: string;
    /** when it ends, if by itself */
    readonly until?: string | undefined;
  }[];
  /** whether there are more bans */
  readonly more: boolean;
}

/** The spec of list_bans. */
export const listBans: OperatorSpec = {
  name: 'list_bans',
  summary: 'List the bans in force.',
  user: 'any',
  reads: true,
  parameters: [{ name: 'after', field: 'target', required: false }, { name: 'limit', field: 'limit', required: false }],
  codes: [],
  example: {
    request: { command: 'list_bans' },
    reply: {
      bans: [
        {
          target: '192.0.2.0/24',
          kind: 'network',
          reason: 'spam',
          created: '2026-11-25T06:28:42.000Z',
          until: '2026-11-25T07:28:42.000Z',
        },
      ],
      more: false,
    },
  },
};
