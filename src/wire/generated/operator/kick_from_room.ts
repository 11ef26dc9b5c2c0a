// Generated from protocol/operator/commands/kick_from_room.json by `npm run generate`. Change it there, not here.

/** The parameters of kick_from_room. */
export interface KickFromRoomParameters {
  readonly room: string;
  readonly user: string;
  readonly reason?: string | undefined;
}

/** The results of kick_from_room, in the order in which they are sent. */
export interface KickFromRoomResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly username: string;
}
