// Generated from protocol/operator/commands/unban_from_room.json by `npm run generate`. Change it there, not here.

/** The parameters of unban_from_room. */
export interface UnbanFromRoomParameters {
  readonly room: string;
  readonly user: string;
}

/** The results of unban_from_room, in the order in which they are sent. */
export interface UnbanFromRoomResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly username: string;
}
