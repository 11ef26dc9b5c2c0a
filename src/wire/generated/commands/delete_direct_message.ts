// Generated from protocol/commands/delete_direct_message.json by `npm run generate`. Change it there, not here.

/** The parameters of delete_direct_message. */
export interface DeleteDirectMessageParameters {
  readonly with: string;
  readonly id: number;
}

/** The results of delete_direct_message, in the order in which they are sent. */
export type DeleteDirectMessageResults = object;
