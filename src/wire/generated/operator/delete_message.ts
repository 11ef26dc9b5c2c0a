// Generated from protocol/operator/commands/delete_message.json by `npm run generate`. Change it there, not here.

/** The parameters of delete_message. */
export interface DeleteMessageParameters {
  readonly room: string;
  readonly id: number;
}

/** The results of delete_message, in the order in which they are sent. */
export interface DeleteMessageResults {
  /** the room's name */
  readonly room: string;
  /** the message's id */
  readonly id: number;
  /** false where it was deleted before */
  readonly changed: boolean;
}
