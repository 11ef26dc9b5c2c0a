// Generated from protocol/operator/commands/set_room_role.json by `npm run generate`. Change it there, not here.

/** The parameters of set_room_role. */
export interface SetRoomRoleParameters {
  readonly room: string;
  readonly user: string;
  readonly role: 'owner' | 'moderator' | 'member' | 'muted';
}

/** The results of set_room_role, in the order in which they are sent. */
export interface SetRoomRoleResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly username: string;
  /** the role */
  readonly role: 'owner' | 'moderator' | 'member' | 'muted';
}
