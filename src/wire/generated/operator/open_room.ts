// Generated from protocol/operator/commands/open_room.json by `npm run generate`. Change it there, not here.

/** The parameters of open_room. */
export interface OpenRoomParameters {
  readonly room: string;
}

/** The results of open_room, in the order in which they are sent. */
export interface OpenRoomResults {
  /** the room's name */
  readonly room: string;
}
