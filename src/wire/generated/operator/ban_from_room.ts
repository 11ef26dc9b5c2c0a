// Generated from protocol/operator/commands/ban_from_room.json by `npm run generate`. Change it there, not here.

/** The parameters of ban_from_room. */
export interface BanFromRoomParameters {
  readonly room: string;
  readonly user: string;
  readonly duration?: number | undefined;
  readonly reason?: string | undefined;
}

/** The results of ban_from_room, in the order in which they are sent. */
export interface BanFromRoomResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly username: string;
  /** when the ban ends, if it ends by itself */
  readonly until?: string | undefined;
}
