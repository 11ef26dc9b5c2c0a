// Generated from protocol/commands/direct_history.json by `npm run generate`. Change it there, not here.

/** The parameters of direct_history. */
export interface DirectHistoryParameters {
  readonly with: string;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

/** The results of direct_history, in the order in which they are sent. */
export interface DirectHistoryResults {
  /** how many 112 lines stand before this reply */
  readonly count: number;
  /** whether more messages lie in the direction that was asked */
  readonly more: boolean;
  /** the id of the conversation's newest message, 0 for none */
  readonly last: number;
}
