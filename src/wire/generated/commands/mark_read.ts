// Generated from protocol/commands/mark_read.json by `npm run generate`. Change it there, not here.

/** The parameters of mark_read. */
export interface MarkReadParameters {
  readonly room: string;
  readonly id: number;
}

/** The results of mark_read, in the order in which they are sent. */
export type MarkReadResults = object;
