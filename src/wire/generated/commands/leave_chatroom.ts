// Generated from protocol/commands/leave_chatroom.json by `npm run generate`. Change it there, not here.

/** The parameters of leave_chatroom. */
export interface LeaveChatroomParameters {
  readonly username: string;
  readonly room: string;
}

/** The results of leave_chatroom, in the order in which they are sent. */
export interface LeaveChatroomResults {
  /** the room's name */
  readonly room: string;
}
