// Generated from protocol/operator/commands/delete_invitation.json by `npm run generate`. Change it there, not here.

/** The parameters of delete_invitation. */
export interface DeleteInvitationParameters {
  readonly invitation_id: string;
}

/** The results of delete_invitation, in the order in which they are sent. */
export interface DeleteInvitationResults {
  /** the invitation that was deleted */
  readonly invitation_id: string;
}
