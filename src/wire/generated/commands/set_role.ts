// Generated from protocol/commands/set_role.json by `npm run generate`. Change it there, not here.

/** The parameters of set_role. */
export interface SetRoleParameters {
  readonly room: string;
  readonly user: string;
  readonly role: 'owner' | 'moderator' | 'member' | 'muted';
}

/** The results of set_role, in the order in which they are sent. */
export type SetRoleResults = object;
