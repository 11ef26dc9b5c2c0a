// Generated from protocol/commands/join_chatroom.json by `npm run generate`. Change it there, not here.

/** The parameters of join_chatroom. */
export interface JoinChatroomParameters {
  readonly username: string;
  readonly room: string;
  readonly after?: number | undefined;
  readonly newest?: number | undefined;
}

/** The results of join_chatroom, in the order in which they are sent. */
export interface JoinChatroomResults {
  /** the name as it is stored */
  readonly room: string;
  /** how many users are in the room */
  readonly count: number;
  /** the room's topic, empty if none is set */
  readonly topic: string;
  /** the id of the newest message, 0 for none */
  readonly last: number;
  /** the names of the users in the room */
  readonly users: readonly string[];
  /** true if the line had no room for all names */
  readonly more?: boolean | undefined;
}
