// Generated from protocol/commands/list_conversations.json by `npm run generate`. Change it there, not here.

/** The parameters of list_conversations. */
export interface ListConversationsParameters {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_conversations, in the order in which they are sent. */
export interface ListConversationsResults {
  /** one object per conversation: with, last, read, unread, time */
  readonly conversations: readonly {
    /** the other user */
    readonly with: string;
    /** the id of the newest message */
    readonly last: number;
    /** the id up to which you have read, 0 for nothing */
    readonly read: number;
    /** how many messages of the other user come after that, counted up to 1,000 */
    readonly unread: number;
    /** when the newest message was stored */
    readonly time: string;
  }[];
  /** whether there are more conversations */
  readonly more: boolean;
}
