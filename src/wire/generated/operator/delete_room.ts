// Generated from protocol/operator/commands/delete_room.json by `npm run generate`. Change it there, not here.

/** The parameters of delete_room. */
export interface DeleteRoomParameters {
  readonly room: string;
}

/** The results of delete_room, in the order in which they are sent. */
export interface DeleteRoomResults {
  /** the room's name */
  readonly room: string;
  /** how many sessions were removed from it */
  readonly sessions: number;
  /** what is still on the disk, in words, because the disk fails now: it is erased later */
  readonly left?: string | undefined;
}
