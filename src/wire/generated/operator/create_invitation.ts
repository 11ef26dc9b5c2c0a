// Generated from protocol/operator/commands/create_invitation.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of create_invitation. */
export interface CreateInvitationParameters {
  readonly uses?: number | undefined;
  readonly expires?: number | undefined;
}

/** The results of create_invitation, in the order in which they are sent. */
export interface CreateInvitationResults {
  /** what a client sends with create_user */
  readonly invitation: string;
  /** names it in the list */
  readonly invitation_id: string;
  /** how many users it is for */
  readonly uses: number;
  /** when it ends, if by itself */
  readonly until?: string | undefined;
}

/** The spec of create_invitation. */
export const createInvitation: OperatorSpec = {
  name: 'create_invitation',
  summary: 'Make an invitation to register, for `registration = "invited"`. It is shown once: the daemon keeps a hash of it.',
  user: 'any',
  parameters: [{ name: 'uses', field: 'uses', required: false }, { name: 'expires', field: 'duration', required: false }],
  codes: [],
  example: {
    request: { command: 'create_invitation', uses: 5, expires: 604800 },
    reply: {
      invitation: 'q0Zf1nKZbRrB3g4VZkT6m2yXW8aHcLsE',
      invitation_id: '7f2c91a0b3de',
      uses: 5,
      until: '2026-12-02T06:28:42.000Z',
    },
  },
};
