// Generated from protocol/operator/commands/back_up.json by `npm run generate`. Change it there, not here.

/** The parameters of back_up. */
export type BackUpParameters = object;

/** The results of back_up, in the order in which they are sent. */
export interface BackUpResults {
  /** the size of the copy */
  readonly bytes: number;
  /** the SHA-256 sum of the copy, in hexadecimal digits */
  readonly sha256: string;
}
