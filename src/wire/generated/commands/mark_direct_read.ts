// Generated from protocol/commands/mark_direct_read.json by `npm run generate`. Change it there, not here.

/** The parameters of mark_direct_read. */
export interface MarkDirectReadParameters {
  readonly with: string;
  readonly id: number;
}

/** The results of mark_direct_read, in the order in which they are sent. */
export type MarkDirectReadResults = object;
