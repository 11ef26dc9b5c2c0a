// Generated from protocol/operator/commands/close_room.json by `npm run generate`. Change it there, not here.

/** The parameters of close_room. */
export interface CloseRoomParameters {
  readonly room: string;
  readonly reason?: string | undefined;
}

/** The results of close_room, in the order in which they are sent. */
export interface CloseRoomResults {
  /** the room's name */
  readonly room: string;
  /** how many sessions were removed */
  readonly sessions: number;
}
