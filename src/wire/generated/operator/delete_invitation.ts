// Generated from protocol/operator/commands/delete_invitation.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of delete_invitation. */
export interface DeleteInvitationParameters {
  readonly invitation_id: string;
}

/** The results of delete_invitation, in the order in which they are sent. */
export interface DeleteInvitationResults {
  /** the invitation that was deleted */
  readonly invitation_id: string;
}

/** The spec of delete_invitation. */
export const deleteInvitation: OperatorSpec = {
  name: 'delete_invitation',
  summary: 'Delete an invitation to register. Users who were made with it stay.',
  user: 'any',
  parameters: [{ name: 'invitation_id', field: 'invitation_id', required: true }],
  codes: [11],
  example: {
    request: { command: 'delete_invitation', invitation_id: '7f2c91a0b3de' },
    reply: { invitation_id: '7f2c91a0b3de' },
  },
};
