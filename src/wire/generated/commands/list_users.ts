// Generated from protocol/commands/list_users.json by `npm run generate`. Change it there, not here.

/** The parameters of list_users. */
export interface ListUsersParameters {
  readonly room: string;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_users, in the order in which they are sent. */
export interface ListUsersResults {
  /** one object per user: username, role. A session of the first edition reads owner or member */
  readonly users: readonly {
    /** the user's name */
    readonly username: string;
    /** what the user is in the room */
    readonly role: 'owner' | 'moderator' | 'member' | 'muted';
  }[];
  /** whether there are more users */
  readonly more: boolean;
}
