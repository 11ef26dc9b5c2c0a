// Generated from protocol/operator/commands/quit.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of quit. */
export type QuitParameters = object;

/** The results of quit, in the order in which they are sent. */
export type QuitResults = object;

/** The spec of quit. */
export const quit: OperatorSpec = {
  name: 'quit',
  summary: 'End the connection.',
  user: 'any',
  reads: true,
  parameters: [],
  codes: [],
  example: {
    request: { command: 'quit' },
    reply: {},
  },
};
