// Generated from protocol/operator/commands/back_up.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of back_up. */
export type BackUpParameters = object;

/** The results of back_up, in the order in which they are sent. */
export interface BackUpResults {
  /** the size of the copy */
  readonly bytes: number;
  /** the SHA-256 sum of the copy, in hexadecimal digits */
  readonly sha256: string;
}

/** The spec of back_up. */
export const backUp: OperatorSpec = {
  name: 'back_up',
  summary: 'Send a copy of all data in events before the reply, while the daemon runs.',
  user: 'any',
  parameters: [],
  codes: [],
  example: {
    request: { command: 'back_up' },
    reply: { bytes: 10485760, sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  },
};
