// Generated from protocol/commands/list_members.json by `npm run generate`. Change it there, not here.

/** The parameters of list_members. */
export interface ListMembersParameters {
  readonly room: string;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_members, in the order in which they are sent. */
export interface ListMembersResults {
  /** one object per user: username, role, present, invited */
  readonly users: readonly {
    /** the user's name */
    readonly username: string;
    /** what the user is in the room */
    readonly role: 'owner' | 'moderator' | 'member' | 'muted';
    /** whether a session of the user is in the room */
    readonly present: boolean;
    /** whether the user was invited and has not joined yet */
    readonly invited: boolean;
  }[];
  /** whether there are more users */
  readonly more: boolean;
}
