// Generated from protocol/commands/chatroom_history.json by `npm run generate`. Change it there, not here.

/** The parameters of chatroom_history. */
export interface ChatroomHistoryParameters {
  readonly room: string;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly around?: number | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of chatroom_history, in the order in which they are sent. */
export interface ChatroomHistoryResults {
  /** how many 110 lines stand before this reply */
  readonly count: number;
  /** whether more messages lie in the direction that was asked */
  readonly more: boolean;
  /** the id of the room's newest message, 0 for none */
  readonly last: number;
}
