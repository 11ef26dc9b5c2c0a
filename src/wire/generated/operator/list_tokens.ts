// Generated from protocol/operator/commands/list_tokens.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of list_tokens. */
export interface ListTokensParameters {
  readonly user: string;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_tokens, in the order in which they are sent. */
export interface ListTokensResults {
  /** one object per token: token_id, label, created, last_used, expires, sessions */
  readonly tokens: readonly {
    /** the part that names it */
    readonly token_id: string;
    /** what its user calls it, empty if nothing */
    readonly label: string;
    /** when it was made */
    readonly created: string;
    /** when somebody logged in by it last, to about a minute */
    readonly last_used?: string | undefined;
    /** when it expires, if by itself */
    readonly expires?: string | undefined;
    /** how many sessions it has now */
    readonly sessions: number;
  }[];
  /** whether there are more tokens */
  readonly more: boolean;
}

/** The spec of list_tokens. */
export const listTokens: OperatorSpec = {
  name: 'list_tokens',
  summary: "List the tokens by which a user's devices log in, the newest first.",
  user: 'any',
  reads: true,
  parameters: [
    { name: 'user', field: 'username', required: true },
    { name: 'after', field: 'base64url', required: false },
    { name: 'limit', field: 'limit', required: false },
  ],
  codes: [11],
  example: {
    request: { command: 'list_tokens', user: 'alice' },
    reply: {
      tokens: [
        {
          token_id: '5f0c8a1b2d3e4f5061728394',
          label: 'phone',
          created: '2026-11-22T12:00:00.000Z',
          last_used: '2026-11-25T06:28:42.000Z',
          sessions: 1,
        },
      ],
      more: false,
    },
  },
};
