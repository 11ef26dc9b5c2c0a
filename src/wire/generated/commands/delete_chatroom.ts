// Generated from protocol/commands/delete_chatroom.json by `npm run generate`. Change it there, not here.

/** The parameters of delete_chatroom. */
export interface DeleteChatroomParameters {
  readonly room: string;
}

/** The results of delete_chatroom, in the order in which they are sent. */
export interface DeleteChatroomResults {
  /** what is still on the disk, in words, because the disk fails now: it is erased later */
  readonly left?: string | undefined;
}
