// Generated from protocol/operator/commands/list_invitations.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of list_invitations. */
export interface ListInvitationsParameters {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_invitations, in the order in which they are sent. */
export interface ListInvitationsResults {
  /** one object per invitation: invitation_id, uses, used, created, until */
  readonly invitations: readonly {
    /** names it */
    readonly invitation_id: string;
    /** how many users it is for */
    readonly uses: number;
    /** how many users were made with it */
    readonly used: number;
    /** when it was made */
    readonly created: string;
    /** when it ends, if by itself */
    readonly until?: string | undefined;
  }[];
  /** whether there are more invitations */
  readonly more: boolean;
}

/** The spec of list_invitations. */
export const listInvitations: OperatorSpec = {
  name: 'list_invitations',
  summary: 'List the invitations to register, those that are used up or have ended too.',
  user: 'any',
  reads: true,
  parameters: [{ name: 'after', field: 'invitation_id', required: false }, { name: 'limit', field: 'limit', required: false }],
  codes: [],
  example: {
    request: { command: 'list_invitations' },
    reply: {
      invitations: [
        {
          invitation_id: '7f2c91a0b3de',
          uses: 5,
          used: 2,
          created: '2026-11-25T06:28:42.000Z',
          until: '2026-12-02T06:28:42.000Z',
        },
      ],
      more: false,
    },
  },
};
