// Generated from protocol/commands/search_chatroom.json by `npm run generate`. Change it there, not here.

/** The parameters of search_chatroom. */
export interface SearchChatroomParameters {
  readonly room: string;
  readonly match: string;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

/** The results of search_chatroom, in the order in which they are sent. */
export interface SearchChatroomResults {
  /** how many 110 lines stand before this reply */
  readonly count: number;
  /** whether older messages have the words too */
  readonly more: boolean;
}
