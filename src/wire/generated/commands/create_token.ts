// Generated from protocol/commands/create_token.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of create_token. */
export interface CreateTokenParameters {
  readonly label?: string | undefined;
  readonly expires_in?: number | undefined;
}

/** The results of create_token, in the order in which they are sent. */
export interface CreateTokenResults {
  /** the token: its id, a dot, and its secret */
  readonly token: string;
  /** the part that names it */
  readonly token_id: string;
  /** when it expires, if by itself */
  readonly expires?: string | undefined;
}

/** The spec of create_token. */
export const createToken: CommandSpec = {
  name: 'create_token',
  edition: 2,
  summary: "Make a token, by which a device logs in without a password. It is told this once. One made in a token's session expires and ends with that token.",
  user: 'own',
  secret: true,
  cost: 10,
  parameters: [{ name: 'label', field: 'short_text', required: false }, { name: 'expires_in', field: 'duration', required: false }],
  codes: [17],
};
