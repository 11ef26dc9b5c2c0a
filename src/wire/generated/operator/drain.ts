// Generated from protocol/operator/commands/drain.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of drain. */
export interface DrainParameters {
  readonly over?: number | undefined;
}

/** The results of drain, in the order in which they are sent. */
export interface DrainResults {
  /** how many sessions are to end */
  readonly sessions: number;
  /** seconds, from now on */
  readonly over: number;
  /** true where a drain was under way already, whose time is now this one */
  readonly changed: boolean;
}

/** The spec of drain. */
export const drain: OperatorSpec = {
  name: 'drain',
  summary: 'Accept no more connections, end the open ones over a period, and stop. A second drain changes the time.',
  user: 'any',
  parameters: [{ name: 'over', field: 'duration', required: false }],
  codes: [],
  example: {
    request: { command: 'drain', over: 120 },
    reply: { sessions: 12, over: 120, changed: false },
  },
};
