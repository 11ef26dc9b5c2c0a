// Generated from protocol/commands/join_chatroom.json by `npm run generate`. Change it there, not here.

/** The parameters of join_chatroom. */
export interface JoinChatroomParameters {
  readonly username: string;
  readonly room: string;
  readonly after?: number | undefined;
  readonly newest?: number | undefined;
  readonly password?: string | undefined;
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
  /** what this user may do in the room */
  readonly role: 'owner' | 'moderator' | 'member' | 'muted';
  /** what the room tells whoever joins, empty if nothing is set */
  readonly welcome: string;
  /** the names of the users in the room; absent where the session asked for no names */
  readonly users?: readonly string[] | undefined;
  /** true if the line had no room for all names */
  readonly more?: boolean | undefined;
}
