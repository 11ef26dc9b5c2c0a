// Generated from protocol/operator/commands/reset_time.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of reset_time. */
export type ResetTimeParameters = object;

/** The results of reset_time, in the order in which they are sent. */
export interface ResetTimeResults {
  /** seconds that the times go back */
  readonly back: number;
}

/** The spec of reset_time. */
export const resetTime: OperatorSpec = {
  name: 'reset_time',
  summary: "Let new messages take the time of the machine's clock again, after the clock was ahead and stored messages have later times.",
  user: 'any',
  parameters: [],
  codes: [],
  example: {
    request: { command: 'reset_time' },
    reply: { back: 2302128000 },
  },
};
