// Generated from protocol/operator/commands/follow.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of follow. */
export interface FollowParameters {
  readonly after?: string | undefined;
}

/** The results of follow, in the order in which they are sent. */
export type FollowResults = object;

/** The spec of follow. */
export const follow: OperatorSpec = {
  name: 'follow',
  summary: 'Send everything that is stored after a position, and then what is stored later, in events, until the connection ends.',
  user: 'any',
  reads: true,
  parameters: [{ name: 'after', field: 'position', required: false }],
  codes: [],
  example: {
    request: { command: 'follow', after: '152.14310.37' },
    reply: {},
  },
};
