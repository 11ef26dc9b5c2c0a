// Generated from protocol/commands/get_message.json by `npm run generate`. Change it there, not here.

/** The parameters of get_message. */
export interface GetMessageParameters {
  readonly room: string;
  readonly id: number;
  readonly offset?: number | undefined;
}

/** The results of get_message, in the order in which they are sent. */
export interface GetMessageResults {
  /** a piece of the text, empty if it was deleted */
  readonly message: string;
  /** where the piece begins in the text */
  readonly offset: number;
  /** how many bytes the text has */
  readonly bytes: number;
  /** whether the text goes on behind the piece */
  readonly more: boolean;
}
