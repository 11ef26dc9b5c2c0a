// Generated from protocol/operator/commands/list_invitations.json by `npm run generate`. Change it there, not here.

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
