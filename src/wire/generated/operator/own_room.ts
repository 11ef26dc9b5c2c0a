// Generated from protocol/operator/commands/own_room.json by `npm run generate`. Change it there, not here.

/** The parameters of own_room. */
export interface OwnRoomParameters {
  readonly room: string;
  readonly user: string;
}

/** The results of own_room, in the order in which they are sent. */
export interface OwnRoomResults {
  /** the room's name */
  readonly room: string;
  /** the user's name */
  readonly owner: string;
}
