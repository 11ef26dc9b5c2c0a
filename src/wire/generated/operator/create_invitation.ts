// Generated from protocol/operator/commands/create_invitation.json by `npm run generate`. Change it there, not here.

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
