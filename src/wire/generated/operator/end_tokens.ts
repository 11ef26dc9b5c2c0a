// Generated from protocol/operator/commands/end_tokens.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of end_tokens. */
export interface EndTokensParameters {
  readonly user: string;
  readonly token_id?: string | undefined;
}

/** The results of end_tokens, in the order in which they are sent. */
export interface EndTokensResults {
  /** the user */
  readonly username: string;
  /** how many tokens were ended */
  readonly tokens: number;
  /** how many sessions were ended */
  readonly sessions: number;
}

/** The spec of end_tokens. */
export const endTokens: OperatorSpec = {
  name: 'end_tokens',
  summary: 'End a token of a user and those that were made in its sessions, or all tokens of the user, and their sessions.',
  user: 'any',
  parameters: [{ name: 'user', field: 'username', required: true }, { name: 'token_id', field: 'base64url', required: false }],
  codes: [11],
  example: {
    request: { command: 'end_tokens', user: 'alice' },
    reply: { username: 'alice', tokens: 3, sessions: 1 },
  },
};
