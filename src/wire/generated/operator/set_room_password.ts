// Generated from protocol/operator/commands/set_room_password.json by `npm run generate`. Change it there, not here.

/** The parameters of set_room_password. */
export interface SetRoomPasswordParameters {
  readonly room: string;
  readonly password: string;
}

/** The results of set_room_password, in the order in which they are sent. */
export interface SetRoomPasswordResults {
  /** the room's name */
  readonly room: string;
}
